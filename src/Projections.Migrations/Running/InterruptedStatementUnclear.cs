namespace Projections.Migrations.Running;

/// <summary>A statement was interrupted outside a transaction, and nothing shows whether it had finished.</summary>
public sealed class InterruptedStatementUnclear(string migration, string path, int line, string statement) : Exception(
    $"{migration} was interrupted while this statement ran outside a transaction ({path}:{line}):{Environment.NewLine}    {statement}{Environment.NewLine}Whether it finished cannot be told from here. Look at what it should have done, then run again with '--interrupted skip' if it is done, or '--interrupted repeat' if it is not.");

namespace Projections.Migrations.Running;

/// <summary>A migration was interrupted, and statements that it had finished by then now read differently.</summary>
public sealed class InterruptedMigrationChanged(string migration, string path, int statement, int finished) : Exception(
    $"{migration} was interrupted after {finished} statements, and statement {statement} in {path} has changed since. What is done cannot be done differently: put the statement back as it was, and change only what comes after the first {finished}.");

namespace Projections.Migrations.Running;

/// <summary>Something that needs a session of its own was asked for over a connection pooler.</summary>
public sealed class DirectConnectionNeeded(string what) : Exception(
    $"{what} cannot run through a connection pooler: it needs the time limits of its own session, and a pooler may hand each statement to another one. Connect to PostgreSQL directly. Migrations that are one transaction work through the pooler.");

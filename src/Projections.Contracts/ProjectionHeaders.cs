namespace Projections.Contracts;

/// <summary>What stands in the headers of messages, beside what they say.</summary>
public static class ProjectionHeaders
{
    /// <summary>
    /// The database that a command or a request is about, and that an event happened in, where one program serves several. Where it serves one, the header is left out.
    /// </summary>
    public const string Database = "projections-database";
}

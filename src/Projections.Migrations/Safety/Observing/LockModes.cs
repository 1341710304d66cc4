namespace Projections.Migrations.Safety.Observing;

/// <summary>What locks are called, and what they do to others.</summary>
internal static class LockModes
{
    /// <param name="name">As <c>pg_locks</c> writes it: <c>AccessExclusiveLock</c>.</param>
    public static LockMode Parse(string name) =>
        Enum.TryParse<LockMode>(name.Replace("Lock", "", StringComparison.Ordinal), out var mode) ? mode : LockMode.AccessShare;

    /// <summary>As PostgreSQL's manual writes it.</summary>
    public static string Name(this LockMode mode) => mode switch
    {
        LockMode.AccessShare => "ACCESS SHARE",
        LockMode.RowShare => "ROW SHARE",
        LockMode.RowExclusive => "ROW EXCLUSIVE",
        LockMode.ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
        LockMode.Share => "SHARE",
        LockMode.ShareRowExclusive => "SHARE ROW EXCLUSIVE",
        LockMode.Exclusive => "EXCLUSIVE",
        _ => "ACCESS EXCLUSIVE",
    };

    public static string Victims(this LockMode mode) => mode switch
    {
        LockMode.AccessExclusive => "readers and writers wait",
        >= LockMode.Share => "writers wait, readers go on",
        _ => "readers and writers go on",
    };
}

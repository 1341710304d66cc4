namespace Projections.EventStoreDb.Errors;

/// <summary>The user may not do this.</summary>
public sealed class AccessDenied(string what, Exception? innerException = null) : EventStoreDbException(
    $"{what}: access denied. Give the connection's user the right to read it (for $all: the group $admins, or $r in the default system stream ACL).",
    innerException)
{
    public override bool IsPassing => false;
}

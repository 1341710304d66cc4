namespace Projections.EventStoreDb.Errors;

/// <summary>The server does not know the user, or the password is wrong.</summary>
public sealed class NotAuthenticated(string what, Exception? innerException = null) : EventStoreDbException(
    $"{what}: not authenticated. Check the user and password, or the user certificate, in the connection string.",
    innerException)
{
    public override bool IsPassing => false;
}

namespace Projections.EventStoreDb.Errors;

/// <summary>Client and server could not agree on an encrypted connection: the server's certificate is not to be trusted, or it speaks without TLS.</summary>
public sealed class TlsFailed(string what, string reason, Exception? innerException = null) : EventStoreDbException(
    $"{what}: no TLS connection: {reason.TrimEnd('.')}. Name who signs the server's certificates (tlsCAFile); for a server without TLS, say tls=false in the connection string.",
    innerException)
{
    public override bool IsPassing => false;
}

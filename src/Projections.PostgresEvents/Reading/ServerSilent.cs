namespace Projections.PostgresEvents.Reading;

/// <summary>The server has sent nothing for as long as it is waited for in the middle of a COPY.</summary>
internal sealed class ServerSilent(Exception innerException) : Exception(innerException.Message, innerException);

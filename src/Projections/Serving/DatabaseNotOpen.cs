using Projections.Postgres;

namespace Projections.Serving;

/// <summary>A database that is served cannot be worked on at present. It is opened again by itself as soon as its cause is mended.</summary>
internal sealed class DatabaseNotOpen(string database, string? obstacle)
    : Exception($"The database '{database}' cannot be worked on at present: {obstacle ?? "it is being opened."}"), IPassingFault
{
    public bool WillPass => true;
}

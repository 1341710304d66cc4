using MassTransit;
using Projections.Contracts;

namespace Projections.Bus.Publishing;

/// <summary>Says in a message which database it is about.</summary>
internal static class PublishedDatabase
{
    public static void NameDatabase(this PublishContext context, string? database)
    {
        if (database is not null)
        {
            context.Headers.Set(ProjectionHeaders.Database, database);
        }
    }
}

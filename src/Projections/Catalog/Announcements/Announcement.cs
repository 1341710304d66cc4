using Projections.Definitions;

namespace Projections.Catalog.Announcements;

/// <summary>Something that happened and was committed.</summary>
/// <param name="Number">Grows from announcement to announcement; of two about one version, the higher one happened later.</param>
/// <param name="Id">The same each time that it is passed on, so that a repetition can be known.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Version">To which version.</param>
/// <param name="Actor">Who asked for it, and why.</param>
/// <param name="Details">What there is to say beyond that.</param>
/// <param name="At">When, in UTC, by the database's clock.</param>
internal sealed record Announcement(
    long Number, Guid Id, AnnouncementKind Kind, VersionId Version, Actor Actor, AnnouncementDetails Details, DateTime At)
{
    public override string ToString() => $"'{Kind}' of {Version}";
}

using Projections.Catalog.Announcements;

namespace Projections.WorkOrders;

/// <summary>What came of work.</summary>
/// <param name="Report">All of it: the operation's report.</param>
/// <param name="Outcome">In a sentence.</param>
/// <param name="Kind">How it is announced, or <c>null</c> when it is not.</param>
/// <param name="Details">What the announcement says.</param>
internal sealed record WorkResult(object Report, string Outcome, AnnouncementKind? Kind = null, AnnouncementDetails? Details = null);

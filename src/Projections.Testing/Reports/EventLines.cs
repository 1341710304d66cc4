using System.Globalization;
using System.Text;
using Projections.Events;
using Projections.Testing.Orders;

namespace Projections.Testing.Reports;

/// <summary>Events as they are given, a line each, with what happens between them.</summary>
internal static class EventLines
{
    private const int LongestBody = 300;
    private const string Margin = "     -- ";

    public static string Of(IReadOnlyList<RecordedEvent> events)
    {
        var text = new StringBuilder();
        foreach (var e in events)
        {
            Append(text, e, e.Position.Major.ToString(CultureInfo.InvariantCulture), events);
        }

        return text.ToString();
    }

    public static string Of(OrderCase tried)
    {
        var text = new StringBuilder();
        var others = new OtherLines(tried);
        if (tried.Course.Place == Place.OtherProcess)
        {
            others.Append(text, "in another process, which has folded before");
        }

        for (var place = 0; place <= tried.Given.Count; place++)
        {
            foreach (var incident in tried.Course.Incidents.Where(incident => incident.Before == place))
            {
                if (incident.What == Happening.OthersCome)
                {
                    others.Append(text, "other streams come in between");
                }
                else
                {
                    text.Append(Margin).Append(OrderStory.Of(incident.What)).Append('\n');
                }
            }

            if (place < tried.Given.Count)
            {
                Append(text, tried.Given[place], tried.Given[place].Position.Major.ToString(CultureInfo.InvariantCulture), tried.Given);
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, RecordedEvent e, string number, IReadOnlyList<RecordedEvent> all)
    {
        var types = all.Max(one => one.Type.Length);
        var streams = all.Max(one => one.Stream.Text.Length);
        var body = Encoding.UTF8.GetString(e.Data.Span);
        text.Append(CultureInfo.InvariantCulture, $"{number,4}  {e.Stream.Text.PadRight(streams)}  {e.Type.PadRight(types)}  {(body.Length > LongestBody ? $"{body[..LongestBody]}…" : body)}");
        if (e.Tenant is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"  tenant {e.Tenant}");
        }

        if (!e.Metadata.IsEmpty)
        {
            text.Append("  metadata ").Append(Encoding.UTF8.GetString(e.Metadata.Span));
        }

        text.Append('\n');
    }

    /// <summary>Hands out the events of other streams where they come.</summary>
    private sealed class OtherLines(OrderCase tried)
    {
        private readonly int _arrivals = Math.Max(1, tried.Course.Incidents.Count(incident => incident.What == Happening.OthersCome));
        private int _arrived;

        public void Append(StringBuilder text, string heading)
        {
            var from = _arrived * tried.Others.Count / _arrivals;
            var upTo = ++_arrived * tried.Others.Count / _arrivals;
            if (from == upTo)
            {
                return;
            }

            text.Append(Margin).Append(heading).Append('\n');
            foreach (var other in tried.Others.Take(upTo).Skip(from))
            {
                EventLines.Append(text, other, "·", tried.Others);
            }
        }
    }
}

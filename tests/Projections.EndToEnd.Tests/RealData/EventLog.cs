using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using CsvHelper;
using Projections.Events;
using Projections.PostgresEvents.Marten;

namespace Projections.EndToEnd.RealData;

/// <summary>An event log in CSV, read as one stream a case: the file's order is the global order, an empty field is no field.</summary>
internal static class EventLog
{
    public static IEnumerable<MartenEvent> Read(string file)
    {
        using var packed = File.OpenRead(RealDataFactAttribute.PathOf(file));
        using var csv = new CsvReader(new StreamReader(new GZipStream(packed, CompressionMode.Decompress)), CultureInfo.InvariantCulture);
        csv.Read();
        csv.ReadHeader();
        var columns = csv.HeaderRecord!;
        var versions = new Dictionary<string, long>();
        while (csv.Read())
        {
            var id = csv.GetField("case_id")!;
            var version = versions[id] = versions.GetValueOrDefault(id) + 1;
            var fields = columns
                .Where(column => column is not ("case_id" or "activity" or "timestamp") && !string.IsNullOrEmpty(csv.GetField(column)))
                .ToDictionary(column => column, column => csv.GetField(column));
            var time = DateTime.Parse(csv.GetField("timestamp")!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
            yield return new MartenEvent(new StreamId(id), version, csv.GetField("activity")!, JsonSerializer.Serialize(fields), time);
        }
    }
}

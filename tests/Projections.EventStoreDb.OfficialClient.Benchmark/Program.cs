using System.Globalization;
using Projections.EventStoreDb.OfficialClient.Benchmark;

if (args is not [var connectionString, .. var rest])
{
    Console.Error.WriteLine("Which server? Give its connection string, and how many events to append to it (200000 when left out); they stay there.");
    return 2;
}

var events = rest is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 200_000;
await new Comparison(connectionString, events).RunAsync();
return 0;

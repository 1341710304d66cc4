using System.Globalization;
using Projections.EventStoreDb.Benchmark;

if (args is ["serve", var count])
{
    await Server.RunAsync(int.Parse(count, CultureInfo.InvariantCulture));
    return 0;
}

var events = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
await using var server = await ServerProcess.StartAsync(events);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{server.Events:N0} events, {server.Bytes / (double)server.Events:0} bytes each on the wire, {Environment.ProcessorCount} processors"));
await new Comparison(server, args.Length > 1 ? args[1] : null).RunAsync();
return 0;

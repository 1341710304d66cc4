using Projections.EventStoreDb.TestServer;

// Prints its connection string, and serves until its input ends. See eng/test-eventstoredb.sh.
await using var server = await SharedServer.StartAsync();
Console.WriteLine(server.ConnectionString);
await Console.In.ReadToEndAsync();

// Starts a cluster, says where it is, and waits to be killed: what a test needs to see that nothing of it stays.
using Projections.LocalPostgres;

var cluster = await LocalPostgresCluster.StartAsync();
Console.WriteLine(cluster.DataFolder);
Console.WriteLine(cluster.ConnectionString);
await Task.Delay(Timeout.Infinite);

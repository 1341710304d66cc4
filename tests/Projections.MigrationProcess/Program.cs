// Applies the migrations of a folder, so that a test can kill it in the middle: arguments are a connection string and the folder.
using Npgsql;
using Projections.Migrations;
using Projections.Migrations.Running;

await using var database = NpgsqlDataSource.Create(args[0]);
var options = new MigrationOptions { Folder = args[1], Service = "billing" };
var report = await new MigrationRunner(database, options).UpAsync(new UpRequest(), CancellationToken.None);
report.ThrowIfFailed();

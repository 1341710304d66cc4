#!/usr/bin/env -S dotnet run
#:project ../../src/Projections.Hosting/Projections.Hosting.csproj
#:project ../../projections/Projections.ReadModels.csproj
#:property RestorePackagesWithLockFile=false

// An application that reads what it has just written: see docs/applications.md. It needs a store, a live read model and nothing else:
//
//     ./projections demo --stay                            in one terminal; in another the line 'export ConnectionStrings__ReadModels=…' that it prints, and
//     ./projections rebuild invoice_summary --to 1 && ./projections switch invoice_summary --to 1
//     dotnet run docs/examples/read-your-writes.cs

using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Events;
using Projections.Hosting;
using Projections.PostgresEvents.Marten;
using Projections.ReadModels.InvoiceSummary.V1;

// The worker is in this host. Where it runs elsewhere, ask it over HTTP, or in SQL as below.
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddProjections().AddVersionsFrom(typeof(InvoiceSummaryV1).Assembly).AddMartenEvents();
using var host = builder.Build();
await host.StartAsync();
var projections = host.Services.GetRequiredService<IProjections>();

await using var sql = NpgsqlDataSource.Create(builder.Configuration["ConnectionStrings:ReadModels"]!);
var store = new MartenEventTable(sql);      // What stands for the application's own appends.
var invoice = Guid.NewGuid();

await store.AppendAsync(new StreamId(invoice), [
    ("invoice_issued", """{"number":"2026-1","customer":"ana","currency":"EUR","dueOn":"2026-12-31"}"""),
    ("line_added", """{"line":1,"product":"pen","quantity":2,"unitPrice":20.00}"""),
]);
var began = Stopwatch.GetTimestamp();
var seen = await projections.WaitForAsync(new("invoice_summary"), new EventReference.InStream(new StreamId(invoice), 2), TimeSpan.FromSeconds(10));
Console.WriteLine(seen.IsShown ? $"Shown after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms: {await NetAsync()}" : $"Not shown: {seen.Missing}");

// The same for those who have only a connection, by the position that the append returned.
var position = await store.AppendAsync(new StreamId(invoice), [("line_added", """{"line":2,"product":"ink","quantity":1,"unitPrice":2.00}""")]);
await using var wait = sql.CreateCommand("select projections.wait_for('invoice_summary', $1, interval '10 seconds')");
wait.Parameters.Add(new() { Value = position });
Console.WriteLine((bool)(await wait.ExecuteScalarAsync())! ? $"Shown, as SQL says: {await NetAsync()}" : "Not shown.");

await host.StopAsync();

async Task<string> NetAsync()
{
    await using var read = sql.CreateCommand("select customer || ' owes ' || net from invoice_summary where invoice_id = $1");
    read.Parameters.Add(new() { Value = invoice });
    return (string)(await read.ExecuteScalarAsync())!;
}

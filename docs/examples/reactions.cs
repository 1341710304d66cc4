#!/usr/bin/env -S dotnet run
#:project ../../src/Projections.Hosting/Projections.Hosting.csproj
#:project ../../projections/Projections.ReadModels.csproj
#:property RestorePackagesWithLockFile=false

// An application that sends a receipt for each payment, once: see docs/applications.md. The reaction is projections/InvoiceSummary/ReceiptMail.cs; here its messages are
// taken out of the outbox in SQL, as where there is no broker. It needs a store, a live read model and nothing else:
//
//     ./projections demo --stay                            in one terminal; in another the line 'export ConnectionStrings__ReadModels=…' that it prints, and
//     ./projections rebuild invoice_summary --to 1 && ./projections switch invoice_summary --to 1
//     dotnet run docs/examples/reactions.cs

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Commands;
using Projections.Events;
using Projections.Hosting;
using Projections.Operations;
using Projections.PostgresEvents.Marten;
using Projections.ReadModels.InvoiceSummary;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddProjections().AddVersionsFrom(typeof(ReceiptMail).Assembly).AddMartenEvents();
using var host = builder.Build();
await host.StartAsync();
var projections = host.Services.GetRequiredService<IProjections>();

// Once, by hand or in a deployment: from now on payments have receipts.
var started = await projections.RunAsync(new StartReactionsCommand { Projection = new("invoice_summary") }, new CommandContext("example"));
Console.WriteLine(started.AlreadyDone ? "It was on already." : "It is on.");

await using var sql = NpgsqlDataSource.Create(builder.Configuration["ConnectionStrings:ReadModels"]!);
var invoice = new StreamId(Guid.NewGuid());
await new MartenEventTable(sql).AppendAsync(invoice, [
    ("invoice_issued", """{"number":"2026-1","customer":"ana","currency":"EUR","dueOn":"2026-12-31"}"""),
    ("line_added", """{"line":1,"product":"pen","quantity":2,"unitPrice":20.00}"""),
    ("payment_received", """{"amount":15.00,"method":"card","settledLines":[]}"""),
    ("payment_received", """{"amount":25.00,"method":"card","settledLines":[1]}"""),
]);
await projections.WaitForAsync(new("invoice_summary"), new EventReference.InStream(invoice, 4), TimeSpan.FromSeconds(10));

// With the rows they were committed, so they are there by now. Whoever takes one out sends the mail before he commits; where that fails in between, it is sent twice with one id.
await using var connection = await sql.OpenConnectionAsync();
while (await TakeAsync())
{
}

await host.StopAsync();

async Task<bool> TakeAsync()
{
    await using var transaction = await connection.BeginTransactionAsync();
    await using var take = new NpgsqlCommand(
        """
        delete from projections.message
        where number = (select number from projections.message where reaction = 'receipt_mail' order by number limit 1 for update)
        returning body ->> 'customer', body ->> 'amount', body ->> 'paidInAll'
        """,
        connection);
    await using (var message = await take.ExecuteReaderAsync())
    {
        if (!await message.ReadAsync())
        {
            return false;
        }

        Console.WriteLine($"Dear {message.GetString(0)}, thank you for {message.GetString(1)}, which makes {message.GetString(2)}.");
    }

    await transaction.CommitAsync();
    return true;
}

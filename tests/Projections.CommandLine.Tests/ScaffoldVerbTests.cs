using Projections.Testing;
using Projections.TestServers;

namespace Projections.CommandLine;

public sealed class ScaffoldVerbTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task The_files_of_a_table_and_of_the_next_version_are_written_where_there_are_none()
    {
        await using var world = await World.CreateAsync(postgres, 1);
        await world.Database.ExecuteAsync("create table orders (id uuid primary key, total numeric not null)");
        var into = Directory.CreateTempSubdirectory("scaffold-").FullName;
        string Read(string path) => File.ReadAllText(Path.Combine(into, path));

        (await world.Program.RunAsync("scaffold", "--from-table", "orders", "--namespace", "Shop", "--into", into)).ShouldExitWith(0).Output.ShouldContain("projections/Orders/V1/OrdersV1.cs");
        Read("projections/Orders/V1/table.sql").ShouldBe("create table orders_v1 (\n    id uuid not null,\n    total numeric not null,\n    PRIMARY KEY (id)\n);\n");
        Read("projections/Orders/V1/OrdersV1.cs").ShouldContain("namespace Shop.Orders.V1;");
        Directory.CreateDirectory(Path.Combine(into, "specs"));
        await File.WriteAllTextAsync(Path.Combine(into, "specs", "InvoiceSummaryV1Specs.cs"), "using Projections.ReadModels.InvoiceSummary.V1;\nclass InvoiceSummaryV1Specs { object _version = new InvoiceSummaryV1(); }\n");
        (await world.Program.RunAsync("scaffold", "--from-version", "invoice_summary", "V1", "--into", into, "--json")).ShouldExitWith(0).Json.GetArrayLength().ShouldBe(5);
        Read("specs/InvoiceSummaryV3Specs.cs").ShouldBe("using Projections.ReadModels.InvoiceSummary.V3;\nclass InvoiceSummaryV3Specs { object _version = new InvoiceSummaryV3(); }\n");
        Read("projections/InvoiceSummary/V3/InvoiceSummaryV3.cs").ShouldContain("public sealed class InvoiceSummaryV3() : TableProjection<Guid, InvoiceSummaryV3.Row>(\"invoice_summary\", 3, InvoicingEvents.Types)");

        (await world.Program.RunAsync("scaffold", "--from-version", "invoice_summary", "V1", "--into", into)).ShouldExitWith(3).Errors.ShouldContain("is there already");
        (await world.Program.RunAsync("scaffold", "--from-version", "invoice_summary", "first")).ShouldExitWith(2).Errors.ShouldContain("'first' is no number of a version");
        (await world.Program.RunAsync("scaffold")).ShouldExitWith(2).Errors.ShouldContain("either --from-table TABLE or --from-version NAME V1");
        Directory.Delete(into, recursive: true);
    }
}

using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Projections.CommandLine.Configuration;
using Projections.Hosting.Configuration;
using Projections.PostgresEvents.Standbys;

namespace Projections.CommandLine;

public sealed class SettingsTests
{
    private const string Database = "Host=localhost;Database=shop;Username=ana;Password=hush-hush";

    [Fact]
    public void A_secret_is_a_setting_by_the_name_of_its_file()
    {
        var folder = Directory.CreateTempSubdirectory("projections-secrets");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "ConnectionStrings__ReadModels"), Database + "\n");
            File.WriteAllText(Path.Combine(folder.FullName, "Bus__Password"), "hush");

            var settings = ConfigurationSources.Read(new Dictionary<string, string?> { ["Bus:Password"] = "given as an option" }, folder.FullName);

            settings["ConnectionStrings:ReadModels"].ShouldBe(Database);
            settings["Bus:Password"].ShouldBe("given as an option");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_option_of_the_engine_can_be_configured()
    {
        var wanted = new ProjectionsOptions();
        var settings = new Dictionary<string, string?>();
        foreach (var property in typeof(ProjectionsOptions).GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            object value = property.GetValue(wanted) switch
            {
                string => "other",
                null when property.PropertyType == typeof(string) => "other",
                int number => number + 128,
                double share => share * 0.9,
                TimeSpan time => time + TimeSpan.FromMilliseconds(1),
                null when property.PropertyType == typeof(TimeSpan?) => TimeSpan.FromMilliseconds(5),
                var unknown => throw new InvalidOperationException($"{property.Name} is {unknown}: say how it is configured."),
            };
            property.SetValue(wanted, value);
            settings[$"Projections:{property.Name}"] = Convert.ToString(value, CultureInfo.InvariantCulture);
        }

        (settings["Projections:ConcurrentRebuilds"], wanted.ConcurrentRebuilds) = ("3", 3);
        (settings["Projections:ReplayPartitions"], wanted.ReplayPartitions) = ("5", 5);
        Read(settings).Engine.ShouldBeEquivalentTo(wanted);
    }

    [Fact]
    public void Events_are_in_the_read_models_database_unless_another_is_named()
    {
        Read([]).Events.ShouldBe(Database);
        Read(new() { ["ConnectionStrings:Events"] = "Host=elsewhere" }).Events.ShouldBe("Host=elsewhere");
    }

    [Fact]
    public void A_store_is_chosen_by_its_kind_and_schema()
    {
        var mapping = Read(new() { ["Events:Kind"] = "message-db", ["Events:Schema"] = "shop", ["Events:GraceTime"] = "00:00:01" }).EventStore.ToMapping();

        mapping.Store.ShouldBe("message-db");
        mapping.Schema.ShouldBe("shop");
        mapping.GraceTime.ShouldBe(TimeSpan.FromSeconds(1));
        Read(new() { ["Events:Kind"] = "message-db" }).EventStore.ToMapping().Schema.ShouldBe("message_store");
    }

    [Fact]
    public void An_event_store_db_is_named_by_its_connection_string_and_what_is_read_of_it()
    {
        var settings = Read(new()
        {
            ["ConnectionStrings:Events"] = "esdb://ops:hush-hush@node1,node2?tls=false",
            ["Events:Kind"] = "eventstoredb",
            ["Events:Category"] = "invoice",
            ["Events:StreamsAreUuids"] = "true",
        });

        settings.EventStore.ToEventStoreDb().Target.Stream.ShouldBe("$ce-invoice");
        settings.EventStore.ToEventStoreDb().StreamsAreUuids.ShouldBeTrue();
        ServerAddress.Of(settings.Events).ShouldBe("the event store on node1:2113,node2:2113");

        var error = Errors(new() { ["ConnectionStrings:Events"] = "esdb://ops:hush-hush@node1?tsl=false", ["Events:Kind"] = "eventstoredb" }).ShouldHaveSingleItem();
        error.ShouldContain("'tsl'");
        error.ShouldNotContain("hush-hush");
        Errors(new() { ["Events:Kind"] = "eventstoredb" }).ShouldHaveSingleItem().ShouldContain("is missing");
    }

    [Theory]
    [InlineData("Marten")]
    [InlineData("emmett")]
    [InlineData("message-db")]
    public void History_may_be_read_from_a_standby_where_events_are_in_PostgreSQL(string kind)
    {
        var settings = Read(new() { ["Events:Kind"] = kind, ["ConnectionStrings:EventsReplay"] = "Host=standby;Database=shop", ["Events:WhenStandbyIsAway"] = "use-primary" });

        settings.EventsReplay.ShouldBe("Host=standby;Database=shop");
        settings.EventStore.WhenStandbyIsAway.ShouldBe(StandbyAbsence.UsePrimary);
    }

    [Fact]
    public void A_standby_of_an_event_store_db_is_refused_with_what_has_one()
    {
        var error = Errors(new()
        {
            ["Events:Kind"] = "eventstoredb",
            ["ConnectionStrings:Events"] = "esdb://localhost:2113?tls=false",
            ["ConnectionStrings:EventsReplay"] = "Host=standby;Database=shop;Password=hush-hush",
        }).ShouldHaveSingleItem();

        error.ShouldStartWith("'ConnectionStrings:EventsReplay' names a streaming standby, which only event tables in PostgreSQL have");
        error.ShouldEndWith("Leave it out.");
        error.ShouldNotContain("hush-hush");
    }

    [Fact]
    public void All_errors_are_told_at_once_each_with_its_setting_and_how_to_set_it()
    {
        var errors = Errors(new()
        {
            ["ConnectionStrings:ReadModels"] = "Database=shop",
            ["ConnectionStrings:Events"] = "mysql://ana:hush-hush@localhost/shop",
            ["Projections:LeaseDuration"] = "soon",
            ["Projections:MemoryLimitMegabytes"] = "4",
            ["Projections:LeaseDuratoin"] = "00:00:05",
            ["Events:Kind"] = "nats",
        });

        errors.Count.ShouldBe(6);
        errors.ShouldContain(error => error.StartsWith("'ConnectionStrings:ReadModels' names no Host.") && error.Contains("--read-models"));
        errors.ShouldContain(error => error.StartsWith("'ConnectionStrings:Events' is a URL"));
        errors.ShouldContain(error => error.Contains("'soon'") && error.Contains("a time such as 00:00:05") && error.Contains("Projections__LeaseDuration"));
        errors.ShouldContain(error => error.Contains("between 256 and") && error.Contains("Projections__MemoryLimitMegabytes"));
        errors.ShouldContain(error => error.Contains("'Projections:LeaseDuratoin' is no setting") && error.Contains("Projections:LeaseDuration"));
        errors.ShouldContain(error => error.Contains("'nats'") && error.Contains("marten, emmett, message-db"));
        string.Join('\n', errors).ShouldNotContain("hush");
    }

    [Fact]
    public void What_follows_a_semicolon_in_a_password_is_not_shown_though_it_cannot_be_understood()
    {
        var error = Errors(new() { ["ConnectionStrings:ReadModels"] = "Host=localhost;Password=hush;sssh=1" }).ShouldHaveSingleItem();

        error.ShouldContain("must stand in quotes");
        error.ShouldNotContain("sssh");
    }

    [Fact]
    public async Task Settings_come_from_a_file_then_the_environment_then_the_command_line()
    {
        var folder = Directory.CreateTempSubdirectory("projections-settings-");
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder.FullName, "appsettings.json"),
                """{ "ConnectionStrings": { "ReadModels": "Host=127.0.0.1;Port=1;Database=from_file" } }""");

            var program = new BuiltProgram { WorkingFolder = folder.FullName };
            (await program.RunAsync("list")).ShouldExitWith(4).Errors.ShouldContain("'from_file'");
            program.With("ConnectionStrings__ReadModels", "Host=127.0.0.1;Port=1;Database=from_environment");
            (await program.RunAsync("list")).ShouldExitWith(4).Errors.ShouldContain("'from_environment'");
            (await program.RunAsync("list", "--read-models", "Host=127.0.0.1;Port=1;Database=from_option")).ShouldExitWith(4).Errors.ShouldContain("'from_option'");

            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "appsettings.json"), "{ not json");
            (await program.RunAsync("list")).ShouldExitWith(2).Errors.ShouldContain("appsettings.json");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static HostSettings Read(Dictionary<string, string?> settings)
    {
        settings.TryAdd("ConnectionStrings:ReadModels", Database);
        return SettingsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
    }

    private static IReadOnlyList<string> Errors(Dictionary<string, string?> settings) => Should.Throw<SettingsInvalid>(() => Read(settings)).Errors;
}

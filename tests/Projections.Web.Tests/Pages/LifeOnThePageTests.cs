using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Projections.Testing;

namespace Projections.Web.Pages;

/// <summary>What a person does on the page, in a real browser.</summary>
public sealed class LifeOnThePageTests(PostgresFixture postgres, Chromium chromium) : IClassFixture<PostgresFixture>, IClassFixture<Chromium>
{
    [ChromiumFact]
    public async Task A_person_starts_a_rebuild_watches_it_finish_switches_and_rolls_back()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 600);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await using var ana = await chromium.OpenAsync(world);
        await ana.SeesAsync("invoice_summary", 1, "live");
        await ana.SeesAsync("Never built");
        await ana.PictureAsync("1-before");

        await ana.Button("Rebuild invoice_summary").ClickAsync();
        await ana.Dialog.GetByText("Reads stay on v1 the whole time").WaitForAsync();
        await ana.Dialog.GetByLabel("Events a second at most").FillAsync("900");
        await ana.Dialog.GetByLabel("Reason, kept in the history (optional)").FillAsync("amounts to the cent");
        await ana.PictureAsync("2-rebuild-dialog");
        await ana.ConfirmAsync("Start the rebuild");
        await ana.SeesAsync("invoice_summary", 2, "replaying");
        await ana.Version("invoice_summary", 2).GetByText("left").WaitForAsync();
        await ana.Version("invoice_summary", 2).GetByText("of 6,000 events").WaitForAsync();
        await ana.Version("invoice_summary", 2).GetByRole(AriaRole.Img, new LocatorGetByRoleOptions { NameRegex = new("Rate: .* now, at most") }).WaitForAsync();
        await ana.PictureAsync("3-replaying");

        await ana.SeesAsync("invoice_summary", 2, "ready");
        await ana.Button("Switch to v2 of invoice_summary").ClickAsync();
        await ana.Dialog.GetByText("Columns that readers lose: line_count, closed.").WaitForAsync();
        await ana.PictureAsync("4-switch-dialog");
        await ana.ConfirmAsync("Switch reads to v2");
        await ana.SeesAsync("invoice_summary", 2, "live");
        await ana.SeesAsync("invoice_summary", 1, "standby");
        (await world.Database.ScalarAsync<long>("select count(status) from invoice_summary")).ShouldBe(600);

        await ana.Button("Roll back invoice_summary").ClickAsync();
        await ana.Dialog.GetByText("Reads go to v1.").WaitForAsync();
        await ana.ConfirmAsync("Roll back");
        await ana.SeesAsync("invoice_summary", 1, "live");
        (await world.Database.ScalarAsync<bool>("select exists (select from information_schema.columns where table_name = 'invoice_summary' and column_name = 'line_count')")).ShouldBeTrue();

        await ana.Projection("invoice_summary").GetByText("History").ClickAsync();
        await ana.Projection("invoice_summary").GetByText("amounts to the cent").First.WaitForAsync();
        await ana.PictureAsync("5-rolled-back-with-history");
        (await world.Database.ScalarAsync<long>("select generation from projections.projection where name = 'invoice_summary'")).ShouldBe(3);
    }

    [ChromiumFact]
    public async Task The_dialog_says_where_the_rows_come_from_and_history_can_be_asked_for()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 50, more: [new PlainVersion("closed"), new PlainVersion("closed", 2, "insert into closed_v2 select id, events from closed_v1")]);
        await world.BuildAndSwitchAsync("closed", 1);
        await using var ana = await chromium.OpenAsync(world);

        await ana.Button("Rebuild closed").ClickAsync();
        await ana.Dialog.GetByText("A worker takes its rows from v1 at one position (seed.sql), in place of a replay of history").WaitForAsync();
        await ana.PictureAsync("rebuild-with-a-seed");
        await ana.Dialog.GetByLabel("Read all of history after all").CheckAsync();
        await ana.Dialog.GetByText("A worker reads all of history").WaitForAsync();
        await ana.ConfirmAsync("Start the rebuild");
        await ana.SeesAsync("closed", 2, "ready");

        (await world.GetAsync("/projections/closed/versions/2")).GetProperty("seededFrom").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [ChromiumFact]
    public async Task A_rebuild_is_paused_resumed_and_aborted_on_a_phone_in_the_dark()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 300);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await world.CommandAsync("/projections/invoice_summary/rebuild", new { to = 2, throttle = 100 });
        await using var ana = await chromium.OpenAsync(world, ColorScheme.Dark, 390, 844);
        await ana.SeesAsync("invoice_summary", 2, "replaying");
        await ana.SeesAsync("Throttled to 100 events a second.");
        await ana.PictureAsync("phone-dark-1-replaying");

        await ana.Button("Pause v2 of invoice_summary").ClickAsync();
        await ana.PictureAsync("phone-dark-2-pause-dialog");
        await ana.ConfirmAsync("Pause");
        await ana.SeesAsync("invoice_summary", 2, "paused");
        await ana.Button("Resume v2 of invoice_summary").ClickAsync();
        await ana.ConfirmAsync("Resume");
        await ana.SeesAsync("invoice_summary", 2, "replaying");
        await ana.Button("Abort v2 of invoice_summary").ClickAsync();
        await ana.Dialog.GetByText("The table invoice_summary_v2 is dropped").WaitForAsync();
        await ana.ConfirmAsync("Abort v2 and drop its table");
        await ana.SeesAsync("Retired: v2.");

        (await world.Database.ScalarAsync<bool>("select to_regclass('invoice_summary_v2') is null")).ShouldBeTrue();
    }

    [ChromiumFact]
    public async Task What_is_refused_is_told_in_the_dialog_with_the_way_out()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 50);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await world.BuildAsync("invoice_summary", 2);
        await world.Database.ExecuteAsync("create view report as select invoice_id, line_count from invoice_summary");
        await using var ana = await chromium.OpenAsync(world);

        await ana.Button("Switch to v2 of invoice_summary").ClickAsync();

        await ana.Dialog.GetByText("It would be refused at present:").WaitForAsync();
        await ana.Dialog.GetByText("report").First.WaitForAsync();
        await ana.Dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Switch reads to v2" }).ClickAsync();
        await ana.Dialog.GetByText("It was refused for the reasons above; nothing was changed.").WaitForAsync();
        await ana.PictureAsync("switch-refused");
        await ana.SeesAsync("invoice_summary", 1, "live");

        // The way out: a view that keeps its columns need not be dropped, where the new version has them all.
        await ana.Dialog.GetByLabel("Keep exactly the columns that readers see now").CheckAsync();
        await ana.Dialog.GetByText("contract-kept").WaitForAsync();
        await ana.Page.Keyboard.PressAsync("Escape");
        await ana.Dialog.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
    }

    [ChromiumFact]
    public async Task What_a_dialog_says_is_about_what_is_chosen_now_however_late_an_earlier_answer_comes()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 50);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await world.BuildAsync("invoice_summary", 2);
        await using var ana = await chromium.OpenAsync(world);
        var held = new TaskCompletionSource();
        await ana.Page.RouteAsync(new Regex("requireVerified=false"), async route =>
        {
            await held.Task;
            await route.ContinueAsync();
        });

        await ana.Button("Switch to v2 of invoice_summary").ClickAsync();
        await ana.Dialog.GetByLabel("Only if its rows were found to agree").CheckAsync();
        var reason = ana.Dialog.GetByText("have not been compared since they were built");
        await reason.WaitForAsync();
        var late = ana.Page.WaitForResponseAsync(new Regex("requireVerified=false"));
        held.SetResult();
        await (await late).FinishedAsync();
        // Once another answer has come, the page has done with that one.
        await ana.Page.EvaluateAsync("fetch('projections').then((answer) => answer.json())");

        (await reason.IsVisibleAsync()).ShouldBeTrue();
    }

    [ChromiumFact]
    public async Task A_candidate_is_compared_with_the_live_version_before_reads_are_switched_to_it()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 50);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await world.BuildAsync("invoice_summary", 2);
        await using var ana = await chromium.OpenAsync(world);
        await ana.SeesAsync("Its rows have not been compared with those of v1.");
        await world.Database.ExecuteAsync("update invoice_summary_v2 set customer = 'somebody' where invoice_id = (select min(invoice_id::text)::uuid from invoice_summary_v2)");

        await ana.Button("Compare v2 of invoice_summary").ClickAsync();
        await ana.Dialog.GetByText("Neither is stopped, and no reader notices.").WaitForAsync();
        await ana.PictureAsync("compare-1-dialog");
        await ana.ConfirmAsync("Compare them");
        await ana.SeesAsync("49 rows are equal, 1 differ");
        await ana.SeesAsync("Its rows differed from those of v1 when they were compared");
        await ana.PictureAsync("compare-2-differ");

        await ana.Button("Switch to v2 of invoice_summary").ClickAsync();
        await ana.Dialog.GetByLabel("Only if its rows were found to agree").CheckAsync();
        await ana.Dialog.GetByText("invoice_summary_v1 and invoice_summary_v2 differed when they were last compared.").WaitForAsync();
        await ana.PictureAsync("compare-3-switch-refused");
        await ana.Dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Switch reads to v2" }).ClickAsync();
        await ana.Dialog.GetByText("It was refused for the reasons above; nothing was changed.").WaitForAsync();
        await ana.Page.Keyboard.PressAsync("Escape");

        await world.OrderAsync("/projections/invoice_summary/repair", new { version = 2, whereDifferent = true });
        await ana.Button("Compare v2 of invoice_summary").ClickAsync();
        await ana.ConfirmAsync("Compare them");
        await ana.SeesAsync("Its rows agreed with those of v1 when they were compared");
        await ana.PictureAsync("compare-4-agree");
        await ana.Button("Switch to v2 of invoice_summary").ClickAsync();
        await ana.Dialog.GetByLabel("Only if its rows were found to agree").CheckAsync();
        await ana.ConfirmAsync("Switch reads to v2");
        await ana.SeesAsync("invoice_summary", 2, "live");
    }

    [ChromiumFact]
    public async Task A_projection_that_is_declared_wrongly_says_so_and_offers_no_rebuild()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 20, configure: null, new UnsoundVersion("invoice_summary", 3));
        await using var ana = await chromium.OpenAsync(world);

        await ana.SeesAsync("Declared wrongly in this program. invoice_summary v3: No event is handled.");

        await ana.Button("Rebuild open_items").WaitForAsync();
        (await ana.Button("Rebuild invoice_summary").CountAsync()).ShouldBe(0);
        await ana.PictureAsync("declared-wrongly");
    }

    [ChromiumFact]
    public async Task A_failure_is_shown_with_its_position_and_dead_letters_with_their_payload_as_text()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 50);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await world.Store.AppendAsync(new Events.StreamId(Guid.NewGuid()), [("tax_applied", """{"rate":0.19,"amount":1}""")]);
        await world.CommandAsync("/projections/open_items/rebuild");
        await world.CommandAsync("/projections/invoice_summary/rebuild", new { to = 2 });
        await world.Database.ExecuteAsync(
            """
            insert into projections.dead_letter (projection, number, position_major, position_minor, stream, stream_version, type, data, metadata, event_time, stage, error)
            select 'invoice_summary', 1, p, 0, 'invoice-7', 1, 'tax_applied', '{"rate":1,"note":"<img src=x onerror=alert(1)>"}', '{}', now(), 'fold', 'there is no <b>row</b>' from unnest(array[7, 8]) p
            """);
        await using var ana = await chromium.OpenAsync(world, ColorScheme.Dark);
        await ana.SeesAsync("Failed at position 501");
        await ana.Page.GetByText("Dead letters: 2 events wait for a decision").ClickAsync();
        await ana.Page.GetByText("Payload").First.ClickAsync();
        await ana.SeesAsync("text of 28");
        await ana.Button("Show the data of the event at position 7").ClickAsync();
        await ana.ConfirmAsync("Show it");
        await ana.SeesAsync("<img src=x onerror=alert(1)>");
        await ana.SeesAsync("there is no <b>row</b>");
        await ana.PictureAsync("dark-failed-and-dead-letters");

        await ana.Button("Discard the event at position 7").ClickAsync();
        await ana.ConfirmAsync("Discard");

        await ana.SeesAsync($"discarded by http@{Environment.MachineName}");
        await ana.SeesAsync("Dead letters: 1 event waits for a decision");

        await ana.Button("Set the event aside for v2 of invoice_summary").ClickAsync();
        await ana.Dialog.GetByLabel("Reason, kept in the history").FillAsync("a test event");
        await ana.PictureAsync("set-aside");
        await ana.ConfirmAsync("Set it aside and go on");
        await ana.SeesAsync("invoice_summary", 2, "ready");
        await ana.SeesAsync("Dead letters: 2 events wait for a decision");
        await ana.SeesAsync($"by http@{Environment.MachineName} (a test event)");
    }
}

using Projections.CommandLine.Commands;

namespace Projections.CommandLine;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Help_shows_every_verb_examples_and_what_the_exit_codes_mean()
    {
        var result = (await new BuiltProgram().RunAsync("--help")).ShouldExitWith(0);

        foreach (var verb in ProjectionsProgram.CreateBuilder().ToCommand().Subcommands)
        {
            result.Output.ShouldContain($"\n  {verb.Name} ");
        }

        result.Output.ShouldContain("projections rebuild invoice_summary --to 2");
        result.Output.ShouldContain("3 refused");
    }

    [Fact]
    public async Task Help_of_a_verb_shows_its_examples()
    {
        var result = (await new BuiltProgram().RunAsync("switch", "--help")).ShouldExitWith(0);

        result.Output.ShouldContain("projections switch invoice_summary --to 2 --keep-contract");
        result.Output.ShouldContain("--lock-timeout");
    }

    [Fact]
    public void Every_example_can_be_typed_as_it_stands()
    {
        var root = ProjectionsProgram.CreateBuilder().ToCommand();
        var examples = root.Subcommands.Cast<Verb>().ToList();

        examples.ShouldAllBe(verb => verb.Examples.Count > 0);
        foreach (var example in examples.SelectMany(verb => verb.Examples))
        {
            example.ShouldStartWith("projections ");
            var parsed = root.Parse(System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(example).Skip(1).ToArray());
            parsed.Errors.Select(error => error.Message).ShouldBeEmpty(example);
        }
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("rebuild")]
    [InlineData("rebuild", "Not-A-Name")]
    [InlineData("rebuild", "invoice_summary", "--to", "0")]
    [InlineData("rebuild", "invoice_summary", "--all")]
    [InlineData("rebuild", "invoice_summary", "open_items", "--to", "2")]
    [InlineData("rebuild", "--all", "--dry-run")]
    [InlineData("rebuild", "invoice_summary", "--switch", "sometimes")]
    [InlineData("switch", "invoice_summary")]
    [InlineData("switch", "invoice_summary", "--to", "2", "--patience", "long")]
    [InlineData("throttle", "invoice_summary", "0")]
    [InlineData("dead-letters", "invoice_summary", "retry", "--position", "x")]
    [InlineData("retire", "invoice_summary", "--version", "1", "--command-id", "7")]
    public void A_wrong_line_is_an_error(params string[] line) => ProjectionsProgram.CreateBuilder().ToCommand().Parse(line).Errors.ShouldNotBeEmpty();

    [Fact]
    public async Task A_wrong_line_is_answered_with_exit_code_2_and_the_way_to_help()
    {
        var result = (await new BuiltProgram().RunAsync("switch", "invoice_summary")).ShouldExitWith(2);

        result.Errors.ShouldContain("--to");
        result.Errors.ShouldContain("projections switch --help");
    }

    [Fact]
    public async Task A_missing_setting_is_told_with_the_way_to_set_it()
    {
        var result = (await new BuiltProgram().RunAsync("list")).ShouldExitWith(2);

        result.Errors.ShouldContain("'ConnectionStrings:ReadModels' is missing");
        result.Errors.ShouldContain("ConnectionStrings__ReadModels");
        result.Errors.ShouldContain("--read-models");
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_named_without_its_password_and_without_a_stack_trace()
    {
        var program = new BuiltProgram("Host=127.0.0.1;Port=1;Database=shop;Username=ana;Password=hush-hush");

        var result = (await program.RunAsync("list")).ShouldExitWith(4);
        result.Errors.ShouldContain("database 'shop' on 127.0.0.1:1");
        result.Errors.ShouldContain("Connection refused");
        result.Errors.ShouldNotContain("   at ");

        var verbose = (await program.RunAsync("list", "--verbose", "--json")).ShouldExitWith(4);
        verbose.Errors.ShouldContain("   at ");
        verbose.Json.GetProperty("error").GetProperty("kind").GetString().ShouldBe("failed");
    }
}

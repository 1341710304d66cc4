using System.CommandLine;
using Projections.Web.Security;

namespace Projections.CommandLine.Commands;

/// <summary><c>api-key</c>: makes a key for the HTTP door.</summary>
internal sealed class ApiKeyVerb : Verb
{
    private readonly Argument<string> _name = new("NAME") { Description = "Who it is for; stands in the history with what they do." };
    private readonly Option<CallerRole> _role = new("--role") { HelpName = "reader|operator", Description = "Whether they may only look (reader, the default), or command too (operator)." };

    public ApiKeyVerb()
        : base(
            "api-key",
            "Makes a key for HTTP, and says what to put into the settings: only its hash is kept there. It is shown once.",
            "projections api-key ana --role operator",
            "projections api-key dashboard")
    {
        _name.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (token.Value.Length is 0 or > 60 || !token.Value.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')))
            {
                result.AddError("NAME may have letters, digits, '-', '_' and '.', 60 at most: it is a part of a setting's name.");
            }
        });
        Arguments.Add(_name);
        Options.Add(_role);
    }

    internal override bool IsAboutADatabase => false;

    protected override Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var name = call.Arguments.GetRequiredValue(_name);
        var (text, key) = ApiKey.Make(name, call.Arguments.GetValue(_role));
        var variable = $"Http__ApiKeys__{name}";
        call.Screen.Answer(
            new { Name = name, key.Role, Key = text, Variable = variable, key.Setting },
            $"""
            The key, for {name} alone: {text}
            Set for the worker:        {variable}={key.Setting}
            It is sent as:             Authorization: Bearer {text[..8]}...
            """);
        return Task.FromResult(ExitCode.Done);
    }
}

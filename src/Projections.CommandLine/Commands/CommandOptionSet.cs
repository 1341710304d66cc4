using System.CommandLine;
using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Projections.Events;
using Command = Projections.Commands.Command;

namespace Projections.CommandLine.Commands;

/// <summary>The properties of a command as options: their names, words and defaults are those of the record.</summary>
internal sealed class CommandOptionSet<TCommand>
    where TCommand : Command, new()
{
    private static readonly TCommand Defaults = new();

    private readonly List<(PropertyInfo Property, Option Option, Func<ParseResult, object?> Read)> _options = [];

    /// <param name="except">Properties that the verb has other words for.</param>
    public CommandOptionSet(params IReadOnlyCollection<string> except)
    {
        foreach (var property in typeof(TCommand).GetProperties().Where(property => property.CanWrite && !except.Contains(property.Name)))
        {
            if (property.GetCustomAttribute<JsonIgnoreAttribute>() is null)
            {
                var (option, read) = OptionOf(property);
                _options.Add((property, option, read));
            }
        }
    }

    public IEnumerable<Option> All => _options.Select(entry => entry.Option);

    /// <summary>The command as it was typed.</summary>
    public TCommand Read(ParseResult arguments)
    {
        var command = new TCommand();
        foreach (var (property, _, read) in _options)
        {
            property.SetValue(command, read(arguments));
        }

        return command;
    }

    private static (Option Option, Func<ParseResult, object?> Read) OptionOf(PropertyInfo property)
    {
        var (name, description) = (NameOf(property), property.GetCustomAttribute<DescriptionAttribute>()!.Description);
        return property.PropertyType switch
        {
            var type when type == typeof(bool) => Read(new Option<bool>(name) { Description = description }),
            var type when type == typeof(int?) => Read(new Option<int?>(name) { Description = description, HelpName = "N" }.AtLeast(1)),
            var type when type == typeof(int) => Read(new Option<int>(name) { Description = description, HelpName = "N", Required = true }),
            var type when type == typeof(string) => Read(new Option<string?>(name) { Description = description, HelpName = "TEXT" }),
            var type when type == typeof(IReadOnlyList<string>) => Read(new Option<string[]>(name) { Description = $"{description} May be given several times.", HelpName = "TEXT" }),
            var type when type == typeof(TimeSpan) => Read(CommonOptions.Duration(name, description, (TimeSpan)property.GetValue(Defaults)!, TimeSpan.Zero)),
            var type when type == typeof(double) => Read(ShareOption.Create(name, description)),
            var type when type == typeof(EventPosition?) => Read(PositionOption.Create(name, description)),
            var type => throw new NotSupportedException($"{typeof(TCommand).Name}.{property.Name} is a {type.Name}, for which the command line has no words."),
        };
    }

    private static (Option Option, Func<ParseResult, object?> Read) Read<T>(Option<T> option) => (option, arguments => arguments.GetValue(option));

    /// <summary><c>--lock-timeout</c>; what can be given several times is one thing each time, so <c>--key</c>.</summary>
    private static string NameOf(PropertyInfo property)
    {
        var name = $"--{JsonNamingPolicy.KebabCaseLower.ConvertName(property.Name)}";
        return property.PropertyType == typeof(IReadOnlyList<string>) ? name.TrimEnd('s') : name;
    }
}

using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Projections.Commands;

/// <summary>What a command may say at most, the same at every door: the ranges and lengths that stand at its properties, and what holds for every text.</summary>
public static partial class CommandLimits
{
    /// <summary>The longest reason, in characters.</summary>
    public const int Reason = 500;

    /// <summary>The longest name, of whoever asks, of a tenant or of a stream, in characters.</summary>
    public const int Name = 200;

    /// <summary>The longest key of a row, in characters.</summary>
    public const int Key = 500;

    /// <summary>How many keys or streams a command names at most.</summary>
    public const int Items = 1000;

    private static readonly ConcurrentDictionary<Type, IReadOnlyList<Limited>> Known = new();

    /// <summary>Refuses what no command may say. Every door asks before it does anything; what is refused is not repeated in the message, which is logged.</summary>
    /// <exception cref="OperationRefused">Something is beyond its limits; the message says all that is.</exception>
    public static void Refuse(Command command, CommandContext context)
    {
        var problems = new List<string>();
        if (command.Projection == default)
        {
            problems.Add("Say which projection is meant.");
        }

        if (string.IsNullOrWhiteSpace(context.Who))
        {
            problems.Add("Say who asks: the history keeps it.");
        }

        problems.AddRange(WrongWith("name of who asks", context.Who, Name));
        problems.AddRange(Known.GetOrAdd(command.GetType(), LimitedOf).SelectMany(limited => limited.FindWrong(command)));
        if (problems.Count > 0)
        {
            throw new OperationRefused(string.Join(" ", problems), isMistake: true);
        }
    }

    /// <summary>Refuses a text that is asked for beside commands, such as a row's key.</summary>
    /// <exception cref="OperationRefused">It is too long, or has characters that are none of a text.</exception>
    internal static void Refuse(string subject, string text, int most)
    {
        if (WrongWith(subject, text, most).FirstOrDefault() is { } problem)
        {
            throw new OperationRefused(problem, isMistake: true);
        }
    }

    private static IEnumerable<string> WrongWith(string subject, string? text, int most)
    {
        if (text?.Length > most)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"The {subject} may have {most} characters at most; it has {text.Length}.");
        }
        else if (text is not null && text.Any(char.IsControl))
        {
            // PostgreSQL takes no NUL, and a log or a terminal is not to be written to by whoever commands.
            yield return $"The {subject} has control characters, such as a line break; leave them out.";
        }
    }

    private static IReadOnlyList<Limited> LimitedOf(Type command) =>
        [.. command.GetProperties().Where(property => property.CanWrite).Select(property => new Limited(property)).Where(limited => limited.IsAny)];

    /// <summary>A property, and what stands at it.</summary>
    private sealed partial class Limited(PropertyInfo property)
    {
        private readonly string _name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        private readonly string _subject = property.GetCustomAttribute<DisplayAttribute>()?.Name ?? Words().Replace(property.Name, " ").ToLowerInvariant();
        private readonly RangeAttribute? _range = property.GetCustomAttribute<RangeAttribute>();
        private readonly TimeRangeAttribute? _times = property.GetCustomAttribute<TimeRangeAttribute>();
        private readonly StringLengthAttribute? _length = property.GetCustomAttribute<StringLengthAttribute>();

        private readonly MaxLengthAttribute? _items = property.GetCustomAttribute<MaxLengthAttribute>();

        public bool IsAny => _range is not null || _times is not null || _length is not null || _items is not null;

        public IEnumerable<string> FindWrong(Command command) => Problems(command).Select(problem => $"'{_name}' is wrong. {problem}");

        private IEnumerable<string> Problems(Command command) => property.GetValue(command) switch
        {
            string text => WrongWith(_subject, text, _length!.MaximumLength),
            IReadOnlyList<string> texts when texts.Count > _items!.Length => [string.Create(CultureInfo.InvariantCulture, $"There may be {_items.Length} {_subject} at most; there are {texts.Count}.")],
            IReadOnlyList<string> texts => texts.SelectMany(text => WrongWith(_subject.TrimEnd('s'), text ?? "", Key)).Take(1),
            TimeSpan time when !_times!.Holds(time) => [string.Create(CultureInfo.InvariantCulture, $"The {_subject} must be {_times}; it is {time.TotalSeconds} s.")],
            { } number when _range?.IsValid(number) == false => [string.Create(CultureInfo.InvariantCulture, $"The {_subject} must be {RangeText(_range)}; it is {number}.")],
            _ => [],
        };

        private static string RangeText(RangeAttribute range) => range switch
        {
            { Maximum: int.MaxValue } => string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} or more"),
            { MinimumIsExclusive: true } => string.Create(CultureInfo.InvariantCulture, $"above {range.Minimum} and at most {range.Maximum}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"between {range.Minimum} and {range.Maximum}"),
        };

        [GeneratedRegex("(?<=.)(?=[A-Z])", RegexOptions.CultureInvariant)]
        private static partial Regex Words();
    }
}

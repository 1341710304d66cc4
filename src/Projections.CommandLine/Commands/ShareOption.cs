using System.CommandLine;
using System.Globalization;

namespace Projections.CommandLine.Commands;

/// <summary>A part of a whole, such as <c>5%</c>.</summary>
internal static class ShareOption
{
    public static Option<double> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "PERCENT",
        DefaultValueFactory = _ => 1,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (double.TryParse(text.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is > 0 and <= 100)
            {
                return percent / 100;
            }

            result.AddError($"{name} is '{text}', but expected is a part such as 5%.");
            return 1;
        },
    };
}

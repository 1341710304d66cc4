using System.ComponentModel.DataAnnotations;

namespace Projections.Bus;

/// <summary>How the service is reached over a message bus; the section <c>Bus</c> of the configuration.</summary>
public sealed class BusOptions : IValidatableObject
{
    /// <summary>The section's name.</summary>
    public const string Section = "Bus";

    /// <summary>What carries the messages. The default is the process itself.</summary>
    public BusTransport Transport { get; set; } = BusTransport.InMemory;

    /// <summary>Where the broker is, with the virtual host as the path: <c>amqp://rabbit:5672/shop</c>; <c>amqps</c> for TLS. The
    /// default is <c>amqp://localhost:5672/</c>.</summary>
    [Required]
    public Uri Address { get; set; } = new("amqp://localhost:5672/");

    /// <summary>The broker's user. The default is <c>guest</c>, whom a broker lets in from its own machine only.</summary>
    [Required]
    public string Username { get; set; } = "guest";

    /// <summary>The user's password; better given by the environment than in a file. The default is <c>guest</c>.</summary>
    public string Password { get; set; } = "guest";

    /// <summary>The queue that commands are sent to; requests for a status go to the queue of this name with <c>_status</c> behind
    /// it. The default is <c>projections</c>.</summary>
    [Required]
    [RegularExpression("^[A-Za-z0-9_.-]{1,200}$", ErrorMessage = "The queue's name may hold letters, digits, '_', '.' and '-'.")]
    public string Queue { get; set; } = "projections";

    /// <summary>How many commands are carried out at a time; those of one projection one after the other. The default is 8.</summary>
    [Range(1, 256)]
    public int ConcurrentCommands { get; set; } = 8;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Address.IsAbsoluteUri || Address.Scheme is not ("amqp" or "amqps" or "rabbitmq" or "rabbitmqs"))
        {
            yield return new ValidationResult("The broker's address must look like amqp://rabbit:5672/shop.", [nameof(Address)]);
        }
        else if (Address.UserInfo.Length > 0)
        {
            // Addresses are shown and logged.
            yield return new ValidationResult("The broker's address must not hold a user or password; give them as Bus:Username and Bus:Password.", [nameof(Address)]);
        }
    }
}

using System.Security.Cryptography.X509Certificates;

namespace Projections.EventStoreDb.Connection;

/// <summary>What a connection string says.</summary>
public sealed record StoreSettings
{
    /// <summary>The hosts named: the server itself, or where to ask who is in the cluster.</summary>
    public required IReadOnlyList<NodeEndpoint> Hosts { get; init; }

    /// <summary>Whether <see cref="Hosts"/> are asked for the cluster's nodes: with <c>+discover</c>, or several hosts.</summary>
    public bool Discover { get; init; }

    /// <summary>Default: encrypted.</summary>
    public bool Tls { get; init; } = true;

    /// <summary>Whether the server's certificate must be valid. Default yes.</summary>
    public bool TlsVerifyCertificate { get; init; } = true;

    /// <summary>Who signs servers' certificates; <c>null</c>: whom the machine trusts.</summary>
    public X509Certificate2Collection? CertificateAuthorities { get; init; }

    /// <summary>The certificate by which the user is known, with its key.</summary>
    public X509Certificate2? UserCertificate { get; init; }

    public UserCredentials? Credentials { get; init; }

    public NodePreference NodePreference { get; init; } = NodePreference.Leader;

    /// <summary>How long a connection is silent before a ping. Default 10 s; <c>null</c> for none.</summary>
    public TimeSpan? KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a ping may go unanswered before the connection counts as broken. Default 10 s; <c>null</c> for ever.</summary>
    public TimeSpan? KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a call with a short answer may take. Default 10 s. Long reads and subscriptions have no deadline.</summary>
    public TimeSpan DefaultDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often all hosts are asked for a usable node before giving up. Default 10.</summary>
    public int MaxDiscoverAttempts { get; init; } = 10;

    /// <summary>How long to wait between two such rounds. Default 100 ms.</summary>
    public TimeSpan DiscoveryInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a host may take to say who is in the cluster. Default 5 s.</summary>
    public TimeSpan GossipTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What the server shows as the connection's name.</summary>
    public string? ConnectionName { get; init; }

    public override string ToString() => string.Join(',', Hosts);
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Projections.EventStoreDb.Connection;
using Projections.EventStoreDb.Errors;

namespace Projections.EventStoreDb.Tests.Connection;

public sealed class ConnectionStringTests
{
    [Fact]
    public void A_single_host_is_the_server_itself_with_the_usual_defaults()
    {
        var settings = ConnectionString.Parse("esdb://localhost");

        settings.Hosts.ShouldBe([new NodeEndpoint("localhost", 2113)]);
        settings.Discover.ShouldBeFalse();
        settings.Tls.ShouldBeTrue();
        settings.TlsVerifyCertificate.ShouldBeTrue();
        settings.Credentials.ShouldBeNull();
        settings.NodePreference.ShouldBe(NodePreference.Leader);
        settings.KeepAliveInterval.ShouldBe(TimeSpan.FromSeconds(10));
        settings.KeepAliveTimeout.ShouldBe(TimeSpan.FromSeconds(10));
        settings.DefaultDeadline.ShouldBe(TimeSpan.FromSeconds(10));
        settings.MaxDiscoverAttempts.ShouldBe(10);
        settings.DiscoveryInterval.ShouldBe(TimeSpan.FromMilliseconds(100));
        settings.GossipTimeout.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("esdb://localhost", false)]
    [InlineData("kurrentdb://localhost", false)]
    [InlineData("kurrent://localhost", false)]
    [InlineData("kdb://localhost", false)]
    [InlineData("esdb+discover://cluster.internal", true)]
    [InlineData("kurrentdb+discover://cluster.internal", true)]
    [InlineData("ESDB+Discover://cluster.internal", true)]
    [InlineData("esdb://a,b:2114,c", true)]
    public void Every_scheme_is_known_and_several_hosts_are_a_cluster(string text, bool discover) =>
        ConnectionString.Parse(text).Discover.ShouldBe(discover);

    [Fact]
    public void Hosts_have_ports_of_their_own_and_may_be_addresses()
    {
        ConnectionString.Parse("esdb://a.example:1,10.0.0.7,[::1]:3/?tls=false").Hosts.ShouldBe(
            [new NodeEndpoint("a.example", 1), new NodeEndpoint("10.0.0.7", 2113), new NodeEndpoint("::1", 3)]);
        new NodeEndpoint("::1", 3).ToString().ShouldBe("[::1]:3");
    }

    [Fact]
    public void User_and_password_may_have_any_characters_when_they_are_escaped()
    {
        var user = ConnectionString.Parse("esdb://ad%40min:p%3Aa%2Fs%3Fs@localhost?tls=false").Credentials!;

        user.Name.ShouldBe("ad@min");
        user.Password.ShouldBe("p:a/s?s");
        user.ToString().ShouldBe("ad@min");
    }

    [Fact]
    public void Every_setting_is_read_in_any_case()
    {
        var settings = ConnectionString.Parse(
            "esdb://localhost?TLS=false&tlsVerifyCert=False&nodePreference=ReadOnlyReplica&keepAliveInterval=20000&keepalivetimeout=-1"
            + "&defaultDeadline=1500&maxDiscoverAttempts=3&discoveryInterval=250&gossipTimeout=7&connectionName=my%20name&throwOnAppendFailure=false");

        settings.Tls.ShouldBeFalse();
        settings.TlsVerifyCertificate.ShouldBeFalse();
        settings.NodePreference.ShouldBe(NodePreference.ReadOnlyReplica);
        settings.KeepAliveInterval.ShouldBe(TimeSpan.FromSeconds(20));
        settings.KeepAliveTimeout.ShouldBeNull();
        settings.DefaultDeadline.ShouldBe(TimeSpan.FromSeconds(1.5));
        settings.MaxDiscoverAttempts.ShouldBe(3);
        settings.DiscoveryInterval.ShouldBe(TimeSpan.FromMilliseconds(250));
        settings.GossipTimeout.ShouldBe(TimeSpan.FromSeconds(7));
        settings.ConnectionName.ShouldBe("my name");
    }

    [Theory]
    [InlineData("localhost:2113", "scheme")]
    [InlineData("http://localhost:2113", "scheme")]
    [InlineData("esdb+find://localhost", "scheme")]
    [InlineData("esdb://", "host")]
    [InlineData("esdb://a,,b", "host")]
    [InlineData("esdb://a b", "host")]
    [InlineData("esdb://a:port", "host")]
    [InlineData("esdb://a:70000", "host")]
    [InlineData("esdb://user@localhost", "credentials")]
    [InlineData("esdb://:secret@localhost", "credentials")]
    [InlineData("esdb://user:@localhost", "credentials")]
    [InlineData("esdb://localhost?tsl=false", "tsl")]
    [InlineData("esdb://localhost?tls", "tls")]
    [InlineData("esdb://localhost?tls=maybe", "tls")]
    [InlineData("esdb://localhost?tls=true&tls=false", "tls")]
    [InlineData("esdb://localhost?nodePreference=2", "nodePreference")]
    [InlineData("esdb://localhost?nodePreference=boss", "nodePreference")]
    [InlineData("esdb://localhost?defaultDeadline=soon", "defaultDeadline")]
    [InlineData("esdb://localhost?defaultDeadline=0", "defaultDeadline")]
    [InlineData("esdb://localhost?keepAliveInterval=-2", "keepAliveInterval")]
    [InlineData("esdb://localhost?maxDiscoverAttempts=0", "maxDiscoverAttempts")]
    [InlineData("esdb://localhost?gossipTimeout=5000", "gossipTimeout")]
    [InlineData("esdb://localhost?tlsCAFile=/no/such/file.pem", "tlsCAFile")]
    [InlineData("esdb://localhost?userCertFile=/no/such/file.pem", "userKeyFile")]
    [InlineData("esdb://localhost?userKeyFile=/no/such/file.pem", "userCertFile")]
    [InlineData("esdb://localhost?userCertFile=/no/such/a.pem&userKeyFile=/no/such/b.pem", "userCertFile")]
    public void What_is_unknown_or_malformed_is_refused_with_the_part_named(string text, string part)
    {
        var refused = Should.Throw<ConnectionStringInvalid>(() => ConnectionString.Parse(text));

        refused.Part.ShouldBe(part);
        refused.Message.ShouldContain($"'{part}'");
        refused.Message.ShouldNotContain("secret");
    }

    [Fact]
    public void Certificates_are_read_from_their_files()
    {
        using var folder = new TemporaryFolder();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var own = new CertificateRequest("CN=me", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        var certificateFile = folder.Write("me.pem", own.ExportCertificatePem());
        var keyFile = folder.Write("me.key", key.ExportPkcs8PrivateKeyPem());

        var settings = ConnectionString.Parse($"esdb://localhost?tlsCAFile={certificateFile}&userCertFile={certificateFile}&userKeyFile={keyFile}");

        settings.CertificateAuthorities!.Single().Thumbprint.ShouldBe(own.Thumbprint);
        settings.UserCertificate!.Thumbprint.ShouldBe(own.Thumbprint);
        settings.UserCertificate.HasPrivateKey.ShouldBeTrue();
        var empty = folder.Write("empty.pem", "nothing");
        Should.Throw<ConnectionStringInvalid>(() => ConnectionString.Parse($"esdb://localhost?tlsCAFile={empty}")).Part.ShouldBe("tlsCAFile");
    }
}

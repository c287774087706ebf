using System.Text.RegularExpressions;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Nats.Connection;

/// <summary>Options of the connection to a NATS server, and of the streams on it.</summary>
public sealed partial record NatsOptions
{
    /// <summary>Addresses of the servers, separated by commas: <c>nats://HOST:PORT</c>, or <c>tls://HOST:PORT</c> for TLS.</summary>
    public string Url { get; init; } = "nats://127.0.0.1:4222";

    /// <summary>Credentials of this process; default: none.</summary>
    public NatsCredentials Credentials { get; init; } = new();

    /// <summary>First part of all names on the server, 1 to 30 small letters and digits; clusters that share a server differ in it. Default
    /// <c>loki</c>.</summary>
    public string Prefix { get; init; } = "loki";

    /// <summary>Time limit of a call with all its tries, 1 s to 5 min; default 10 s. It outlasts a restart of the server.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time limit of one try, 100 ms to 1 min; default 3 s.</summary>
    public TimeSpan TryTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>First wait before another try and before another connection, 10 ms to 10 s; default 100 ms. It doubles up to 1 s.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Time that the samples of a series are kept at most, 1 min to 7 days; default 2 h.</summary>
    public TimeSpan SampleAge { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Time that a claim check is kept at most, 1 min to 30 days; default 1 day. Inputs of runs are kept until the run ends.</summary>
    public TimeSpan PayloadAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Servers that keep a copy of each stream, 1 to 5; default 1. More need a NATS cluster of as many servers.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Lists all options that are out of bounds.</summary>
    public IReadOnlyList<Fault> Faults()
    {
        var check = new OptionCheck();
        foreach (var address in Url.Split(','))
            check.Require(IsAddress(address.Trim()), address, "nats://HOST:PORT or tls://HOST:PORT", nameof(Url));
        check.Require(Name().IsMatch(Prefix), Prefix, "1 to 30 small letters and digits, a letter first", nameof(Prefix));
        check.Within(CallTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        check.Within(TryTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        check.Within(Pause, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10));
        check.Within(SampleAge, TimeSpan.FromMinutes(1), TimeSpan.FromDays(7));
        check.Within(PayloadAge, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30));
        check.Within(Replicas, 1, 5);
        check.Add(Credentials.Faults(nameof(Credentials)));
        return check.Faults;
    }

    /// <exception cref="OptionsException">Options are out of bounds; lists all.</exception>
    internal NatsOptions Checked()
    {
        var check = new OptionCheck();
        check.Add(Faults());
        check.ThrowIfAny("the connection to NATS");
        return this;
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "nats" or "tls" && uri.Host.Length > 0 && uri.AbsolutePath is "" or "/";

    [GeneratedRegex(@"^[a-z][a-z0-9]{0,29}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}

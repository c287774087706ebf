using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Net;

namespace ServerlessLoki.Nats.Connection;

/// <summary>Connection of a process to the NATS servers, shared by all its ports. It reconnects by itself. Thread-safe.</summary>
public sealed class NatsLink : IAsyncDisposable
{
    private readonly NatsConnection _connection;
    private CancellationTokenSource _epoch = new();

    /// <summary>Makes the link; it connects with the first call.</summary>
    /// <param name="options">Addresses, credentials and limits.</param>
    /// <param name="name">Name of the process, which the server's monitor shows. Replies to its calls have it in their subjects, so that a
    /// role can be kept from reading those of others.</param>
    /// <param name="logs">Loggers of the client.</param>
    /// <exception cref="Validation.OptionsException">Options are out of bounds; lists all.</exception>
    public NatsLink(NatsOptions options, string name, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(name);
        Options = options.Checked();
        Name = name;
        Names = new NatsNames(Options.Prefix);
        var credentials = Options.Credentials;
        _connection = new NatsConnection(new NatsOpts
        {
            Url = Options.Url,
            Name = name,
            LoggerFactory = logs,
            AuthOpts = new NatsAuthOpts { Username = credentials.User, Password = credentials.Password, NKeyFile = credentials.NKeyFile, CredsFile = credentials.CredentialsFile },
            TlsOpts = new NatsTlsOpts
            {
                CaFile = credentials.CaFile, CertFile = credentials.CertificateFile, KeyFile = credentials.KeyFile,
                Mode = Options.Url.Contains("tls://", StringComparison.Ordinal) || credentials.CaFile is not null ? TlsMode.Require : TlsMode.Auto,
            },
            InboxPrefix = Names.Inbox(credentials.User ?? "any"),
            RequestReplyMode = NatsRequestReplyMode.Direct,
            RequestTimeout = Options.TryTimeout,
            CommandTimeout = Options.TryTimeout,
            ConnectTimeout = Options.TryTimeout,
            PublishTimeoutOnDisconnected = true,
            RetryOnInitialConnect = true,
            ReconnectWaitMin = Options.Pause,
            ReconnectWaitMax = TimeSpan.FromSeconds(1),
            // Silence on a connection that looks alive: a partition. Found within some seconds.
            PingInterval = TimeSpan.FromSeconds(2),
            MaxPingOut = 2,
        });
        _connection.ConnectionDisconnected += async (_, _) => await Interlocked.Exchange(ref _epoch, new CancellationTokenSource()).CancelAsync();
        JetStream = _connection.CreateJetStreamContext(new NatsJSOpts(_connection.Opts));
        Call = new NatsCall(Options);
    }

    /// <summary>Name of the process.</summary>
    public string Name { get; }

    /// <summary>Options of the link.</summary>
    public NatsOptions Options { get; }

    /// <summary>True while the connection is open.</summary>
    public bool IsConnected => _connection.ConnectionState == NatsConnectionState.Open;

    internal INatsConnection Connection => _connection;

    /// <summary>Cancelled when the present connection breaks: what waits on it must be asked for again, since the server may have forgotten it.</summary>
    internal CancellationToken Epoch => Volatile.Read(ref _epoch).Token;

    internal INatsJSContext JetStream { get; }

    internal NatsNames Names { get; }

    internal NatsCall Call { get; }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _epoch.Dispose();
    }
}

using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Embedded;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Slots;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Start of the embedded host, with its faults in the command line's words.</summary>
internal static class ServedHost
{
    /// <summary>Starts the host.</summary>
    /// <exception cref="FailureException">The data directory, the port or a model cannot be used.</exception>
    public static async Task<EmbeddedHost> StartAsync(EmbeddedHostOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await EmbeddedHost.StartAsync(options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreException or VariantLoadException or ModelException)
        {
            throw new FailureException(e.Message, e);
        }
        catch (ProbePortException e)
        {
            throw new FailureException(CannotListen(options.Address, e.Port, "--probe-port", e.Cause), e);
        }
        catch (Exception e) when (Socket(e) is { } socket)
        {
            throw new FailureException(CannotListen(options.Address, options.Port, "--port", socket), e);
        }
    }

    /// <summary>Returns why the host cannot listen on an address, in one sentence.</summary>
    /// <param name="address">Address.</param>
    /// <param name="port">Port.</param>
    /// <param name="option">Option that gives the port.</param>
    /// <param name="cause">Error of the system.</param>
    public static string CannotListen(IPAddress address, int port, string option, SocketException cause) => cause.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"port {port} is taken: stop what listens there, or give another with {option}",
        SocketError.AccessDenied => $"this user may not open port {port}: give one of 1024 or above with {option}",
        SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported or SocketError.InvalidArgument =>
            $"{address} is no address of this machine: give one that is with --address, or 0.0.0.0 for all",
        _ => $"cannot listen on {address}, port {port}: {cause.Message}",
    };

    /// <summary>Tests whether another process uses the port.</summary>
    public static bool IsTaken(Exception? e) => Socket(e) is { SocketErrorCode: SocketError.AddressAlreadyInUse };

    private static SocketException? Socket(Exception? e) => e is null or SocketException ? e as SocketException : Socket(e.InnerException);

    /// <summary>Makes loggers to standard error; null = none.</summary>
    public static ILoggerFactory Logs(LogLevel? level) => level is not { } least
        ? NullLoggerFactory.Instance
        : LoggerFactory.Create(logging => logging
            .SetMinimumLevel(least)
            .AddFilter("Microsoft", LogLevel.Error)
            // Why the host does not start is said once, by us, without a stack.
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
            .AddSimpleConsole(o =>
            {
                o.SingleLine = true;
                o.TimestampFormat = "HH:mm:ss.fff ";
                o.ColorBehavior = LoggerColorBehavior.Disabled;
            })
            .Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace));

    /// <summary>Waits until the user or the system asks the process to end.</summary>
    public static async Task UntilStoppedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Asked to end: what was admitted is still answered.
        }
    }

    /// <summary>Lists example requests to a running host, as lines to copy.</summary>
    public static IEnumerable<string> TryLines(EmbeddedHost host)
    {
        var url = host.BaseAddress.ToString().TrimEnd('/');
        var pipeline = host.Engine.Pipelines[0].Pipeline;
        yield return $"  {url}/            what happens right now, as a page";
        yield return $"  curl {url}/status";
        yield return $"  curl {url}/plan";
        yield return $"  curl {url}/metrics";
        yield return $"  curl {url}/v2/models/{pipeline.Name}";
        if (pipeline.Input.IsImage)
        {
            yield return $"  curl -H 'Content-Type: image/png' --data-binary @scene.png {url}/v2/models/{pipeline.Name}/infer";
            yield return $"  scripts/loki infer --image scene.png --out annotated.png --url {url}";
        }

        yield return $"  scripts/loki load --url {url} --rate 20 --duration 30";
    }
}

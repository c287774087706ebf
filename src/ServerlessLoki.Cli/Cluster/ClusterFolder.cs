using System.CommandLine;
using System.Net.Sockets;
using ServerlessLoki.Cli.Commands;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Embedded;

namespace ServerlessLoki.Cli.Cluster;

/// <summary>Local copy of the cluster's library, and the faults of a start in the command line's words.</summary>
internal static class ClusterFolder
{
    /// <summary>Makes the option <c>--models DIR</c>.</summary>
    public static Option<DirectoryInfo> Option() => new("--models")
    {
        Description = "Folder for this process' copy of the library; default below the temporary folder",
        HelpName = "DIR",
    };

    /// <summary>Returns the folder. Processes may share one: files are replaced as a whole.</summary>
    public static string Of(DirectoryInfo? given, string role) => given?.FullName ?? Path.Combine(Path.GetTempPath(), "loki-cluster", role);

    /// <summary>Starts something; what keeps it from starting becomes one sentence.</summary>
    /// <exception cref="FailureException">It cannot start.</exception>
    public static async Task<T> TellAsync<T>(Func<Task<T>> start, string url, EmbeddedHostOptions? host = null)
    {
        try
        {
            return await start();
        }
        catch (TimeoutException e)
        {
            throw new FailureException($"{e.Message} Check that nats-server runs at {url} with JetStream (-js), and that this user may do it ('loki cluster permissions').", e);
        }
        catch (NATS.Client.Core.NatsException e)
        {
            throw new FailureException($"NATS at {url}: {e.Message}", e);
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidDataException)
        {
            throw new FailureException(e.Message, e);
        }
        catch (IOException e) when (host is not null && e.InnerException?.InnerException is SocketException socket)
        {
            throw new FailureException(ServedHost.CannotListen(host.Address, host.Port, "--port", socket), e);
        }
    }
}

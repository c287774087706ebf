using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Embedded;

/// <summary>Server of health and metrics on a port and threads of its own: probes do not wait behind queued requests. It needs no key,
/// since orchestrators have none.</summary>
/// <remarks>One request a connection, answered and closed: what orchestrators and scrapers send, and no more.</remarks>
internal sealed class ProbeServer : IDisposable
{
    private const int MostHeadBytes = 8192;

    /// <summary>Time that a client has for its whole request, milliseconds.</summary>
    private const int PatienceMs = 1000;

    /// <summary>Most clients answered at once.</summary>
    private const int MostAtOnce = 16;
    private const int PauseMs = 100;
    private readonly SemaphoreSlim _places = new(MostAtOnce);
    private volatile bool _disposed;
    private readonly LokiApiContext _context;
    private readonly Socket _listener;
    private readonly Thread _thread;

    /// <exception cref="ProbePortException">The address or port may not be used, or is taken.</exception>
    public ProbeServer(IPAddress address, int port, LokiApiContext context)
    {
        _context = context;
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(new IPEndPoint(address, port));
            _listener.Listen();
        }
        catch (SocketException e)
        {
            _listener.Dispose();
            throw new ProbePortException(address, port, e);
        }

        Address = new Uri($"http://{_listener.LocalEndPoint}/");
        _thread = new Thread(Loop) { IsBackground = true, Name = "probes" };
        _thread.Start();
    }

    /// <summary>Address of the server.</summary>
    public Uri Address { get; }

    public void Dispose()
    {
        _disposed = true;
        _listener.Dispose();
        _thread.Join();
    }

    private void Loop()
    {
        while (true)
        {
            Socket connection;
            try
            {
                connection = _listener.Accept();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                if (_disposed || !_listener.IsBound || exception is ObjectDisposedException || exception is SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted or SocketError.NotSocket })
                    return;
                // Out of files, for example: it would come back at once.
                Thread.Sleep(PauseMs);
                continue;
            }

            if (!_places.Wait(0))
            {
                // As many as answer at once are waited for already.
                connection.Dispose();
                continue;
            }

            // A prober that is slow holds its own thread, and no other's.
            new Thread(() => Answer(connection)) { IsBackground = true, Name = "probe" }.Start();
        }
    }

    private void Answer(Socket connection)
    {
        try
        {
            connection.SendTimeout = PatienceMs;
            if (Head(connection) is not { } head)
                return;
            var (status, type, body) = head.Split(' ') is ["GET" or "HEAD", var path, ..] ? Of(path.Split('?')[0]) : (405, "application/json", "");
            var bytes = Encoding.UTF8.GetBytes(body);
            connection.Send(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {Reason(status)}\r\nContent-Type: {type}\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n")));
            if (!head.StartsWith("HEAD", StringComparison.Ordinal))
                connection.Send(bytes);
            connection.Shutdown(SocketShutdown.Send);
        }
        catch (Exception)
        {
            // The prober went away or was too slow, or the engine is just being put away: it asks again.
        }
        finally
        {
            connection.Dispose();
            _places.Release();
        }
    }

    /// <summary>Reads the request line, once the whole head has arrived; null if it does not.</summary>
    private static string? Head(Socket connection)
    {
        var bytes = new byte[MostHeadBytes];
        var used = 0;
        var started = Environment.TickCount64;
        while (used < bytes.Length && PatienceMs - (Environment.TickCount64 - started) is > 0 and var leftMs)
        {
            connection.ReceiveTimeout = (int)leftMs;
            var read = connection.Receive(bytes, used, bytes.Length - used, SocketFlags.None);
            if (read == 0)
                return null;
            used += read;
            if (bytes.AsSpan(0, used).IndexOf("\r\n\r\n"u8) >= 0)
                return Encoding.Latin1.GetString(bytes, 0, bytes.AsSpan(0, used).IndexOf("\r\n"u8));
        }

        return null;
    }

    private (int Status, string Type, string Body) Of(string path)
    {
        var isReady = _context.Engine is { IsReady: true };
        return path switch
        {
            "/v2/health/live" => (200, "application/json", $$"""{"live":true,"ready":{{(isReady ? "true" : "false")}}}"""),
            "/v2/health/ready" when isReady => (200, "application/json", """{"live":true,"ready":true}"""),
            "/v2/health/ready" => (503, "application/json", """{"live":true,"ready":false,"error":"Not ready: models are still being loaded."}"""),
            "/metrics" => (200, "text/plain; version=0.0.4; charset=utf-8", MetricsText.Of(_context.Engine)),
            _ => (404, "application/json", """{"error":"Here are /v2/health/live, /v2/health/ready and /metrics.","code":"not_found"}"""),
        };
    }

    private static string Reason(int status) => status switch
    {
        200 => "OK",
        404 => "Not Found",
        405 => "Method Not Allowed",
        _ => "Service Unavailable",
    };
}

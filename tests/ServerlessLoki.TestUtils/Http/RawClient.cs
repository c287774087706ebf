using System.Net.Sockets;
using System.Text;

namespace ServerlessLoki.Serving.Http.Tests;

/// <summary>A client that sends what no HTTP library would.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _client = new();
    private readonly NetworkStream _stream;

    public RawClient(Uri server)
    {
        _client.Connect(server.Host, server.Port);
        _stream = _client.GetStream();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.Latin1.GetBytes(text), Token);

    public async Task SendAsync(byte[] bytes) => await _stream.WriteAsync(bytes, Token);

    /// <summary>Says that nothing more will be sent; answers still come.</summary>
    public void EndSending()
    {
        try
        {
            _client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server was quicker.
        }
    }

    /// <summary>All that comes until the server closes; the connection must end.</summary>
    public async Task<string> ToEndAsync()
    {
        var all = new MemoryStream();
        var buffer = new byte[8192];
        try
        {
            int read;
            while ((read = await _stream.ReadAsync(buffer, Token).AsTask().WaitAsync(TimeSpan.FromMinutes(2), Token)) > 0)
                all.Write(buffer, 0, read);
        }
        catch (IOException)
        {
            // Cut: what came before counts.
        }

        return Encoding.UTF8.GetString(all.ToArray());
    }

    /// <summary>One answer with its length given, head and body.</summary>
    public async Task<string> AnswerAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[8192];
        while (true)
        {
            var read = await _stream.ReadAsync(buffer, Token).AsTask().WaitAsync(TimeSpan.FromMinutes(2), Token);
            if (read == 0)
                return text.ToString();
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            var all = text.ToString();
            var end = all.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            var at = all.IndexOf("Content-Length: ", StringComparison.Ordinal);
            if (end > 0 && at > 0 && at < end && all.Length >= end + 4 + int.Parse(all.AsSpan(at + 16, all.IndexOf('\r', at) - at - 16)))
                return all;
        }
    }

    public void Dispose() => _client.Dispose();
}

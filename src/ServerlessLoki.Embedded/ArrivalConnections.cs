using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Embedded;

/// <summary>Record of the arrival of each request's first byte, on each connection.</summary>
internal static class ArrivalConnections
{
    public static void NoteArrivals(this ListenOptions listen, TimeProvider time) => listen.Use(next => async connection =>
    {
        var transport = connection.Transport;
        var reader = new ArrivalReader(transport.Input, time, WaitOf(connection));
        connection.Features.Set<IRequestArrival>(reader);
        connection.Transport = new Duplex(reader, transport.Output);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
        }
    });

    private static Func<TimeSpan> WaitOf(ConnectionContext connection)
    {
        var wait = new SocketWait(connection.Features.Get<IConnectionSocketFeature>()?.Socket);
        return () => wait.Elapsed;
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

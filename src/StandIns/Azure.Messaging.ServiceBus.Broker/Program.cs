using System.Runtime.InteropServices;
using Azure.Messaging.ServiceBus.Broker;

if (args.Length != 1)
{
    await Console.Error.WriteLineAsync("usage: Azure.Messaging.ServiceBus.Broker SOCKET-PATH (then connect to 'Endpoint=sb://unix/SOCKET-PATH')");
    return 2;
}

var stop = new TaskCompletionSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.TrySetResult();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
await using var server = new BrokerServer(args[0], new MessageBroker(TimeProvider.System));
Console.WriteLine($"broker: ready at {args[0]}");
await stop.Task;
return 0;

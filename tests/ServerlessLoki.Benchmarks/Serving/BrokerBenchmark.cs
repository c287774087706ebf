using System.Diagnostics;
using System.Globalization;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using ServerlessLoki.LocalCloud.ServiceBus;

namespace ServerlessLoki.Benchmarks.Serving;

/// <summary>What the local Service Bus broker carries: send, receive and complete by the unmodified client over loopback, with one and with
/// sixteen in flight, in memory and with a journal. The reference is the promise of 1,000 round trips a second.</summary>
internal static class BrokerBenchmark
{
    private const string Queue = "round-trips";
    private const double Promise = 1000;
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(string[] args)
    {
        var length = TimeSpan.FromSeconds(args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 10);
        var best = 0.0;
        Console.WriteLine("broker, send + receive + complete of 1 KB; client and broker in one process");
        Console.WriteLine("  journal   in flight   round trips/s   median ms     p99 ms");
        foreach (var isKept in (bool[])[false, true])
        {
            foreach (var inFlight in (int[])[1, 16])
            {
                var (rate, times) = await InBrokerAsync(isKept, inFlight, length);
                best = Math.Max(best, isKept ? 0 : rate);
                Console.WriteLine($"  {(isKept ? "yes" : "no"),-10}{inFlight,9}{rate,16:0}{Percentile(times, 0.5),12:0.00}{Percentile(times, 0.99),11:0.00}");
            }
        }

        Console.WriteLine($"  promise: {Promise:0} round trips/s; best in memory {best:0}");
        return best >= Promise ? 0 : 1;
    }

    private static async Task<(double Rate, List<double> Times)> InBrokerAsync(bool isKept, int inFlight, TimeSpan length)
    {
        var folder = isKept ? Directory.CreateTempSubdirectory("loki-broker").FullName : null;
        try
        {
            await using var broker = await LocalServiceBus.StartAsync(
                new LocalServiceBusOptions { AmqpPort = 0, AdministrationPort = 0, DataFolder = folder }, CancellationToken.None);
            await new ServiceBusAdministrationClient(broker.AdministrationConnectionString).CreateQueueAsync(Queue);
            await using var client = new ServiceBusClient(broker.ConnectionString);
            var loops = Enumerable.Range(0, inFlight).Select(_ => new Loop(client)).ToArray();
            await Task.WhenAll(loops.Select(static l => l.RunAsync(Warm)));
            var clock = Stopwatch.StartNew();
            var times = await Task.WhenAll(loops.Select(l => l.RunAsync(length)));
            return (times.Sum(static t => t.Count) / clock.Elapsed.TotalSeconds, [.. times.SelectMany(static t => t)]);
        }
        finally
        {
            if (folder is not null)
                Directory.Delete(folder, recursive: true);
        }
    }

    private static double Percentile(List<double> values, double share) => values.Order().ElementAt((int)((values.Count - 1) * share));

    /// <summary>One round trip after the other. With several loops one may take the message of another: there are as many as loops.</summary>
    private sealed class Loop(ServiceBusClient client)
    {
        private readonly ServiceBusSender _sender = client.CreateSender(Queue);
        private readonly ServiceBusReceiver _receiver = client.CreateReceiver(Queue);
        private readonly byte[] _body = new byte[1024];

        public async Task<List<double>> RunAsync(TimeSpan length)
        {
            var times = new List<double>();
            var all = Stopwatch.StartNew();
            while (all.Elapsed < length)
            {
                var one = Stopwatch.StartNew();
                await _sender.SendMessageAsync(new ServiceBusMessage(_body));
                var message = await _receiver.ReceiveMessageAsync() ?? throw new InvalidOperationException("A message that was sent did not come.");
                await _receiver.CompleteMessageAsync(message);
                times.Add(one.Elapsed.TotalMilliseconds);
            }

            return times;
        }
    }
}

using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Embedded;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Inference.Transforms;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Tests.Api;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests;

public class ServingEngineTests
{
    [Fact]
    public void Build_VariantProfiledOnTwoDevicesOfTheFleet_IsRefusedByName()
    {
        var profile = new LatencyProfile(
            new[] { "scale-n" }.SelectMany(v => new[] { "cpu", "gpu", "elsewhere" }.Select(d => new ProfileRow(v, d, 1, 1, 1, 1, 1))));
        var error = Assert.Throws<HostSetupException>(() => new ServingEngine(
            new EngineOptions(), [new PipelineSource(TestPipelines.Plain, ".")], profile, new TwoDevices(), new InProcessStageQueues(),
            new MemoryState(), TransformRegistry.Default, TimeProvider.System, NullLoggerFactory.Instance));
        Assert.Contains("profile scale-n: the variant is profiled on several device types of the host; found cpu, gpu", error.Message, StringComparison.Ordinal);
    }

    private sealed class TwoDevices : IFleet
    {
        public ImmutableArray<DeviceType> Devices { get; } = [new DeviceType("cpu", 1), new DeviceType("gpu", 1)];

        public ValueTask<bool> ScaleAsync(string device, int slots, CancellationToken cancellationToken) => new(false);
    }
}

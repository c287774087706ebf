using FsCheck;
using FsCheck.Fluent;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Tests.Shared;

namespace ServerlessLoki.Azure.Tests.ServiceBus;

public sealed class StageQueueNamesTests
{
    [Theory]
    [InlineData("traffic", "detect", "detect-n", "loki-traffic-detect-detect-n")]
    [InlineData("traffic", "car_type", "v1.2", "loki-traffic-car_type-v1.2")]
    public void Of_PlainNames_IsReadable(string pipeline, string task, string variant, string name) =>
        Assert.Equal(name, StageQueueNames.Of(new StageKey(pipeline, task, variant)));

    [Theory]
    [InlineData("a-b", "c", "d", "a", "b-c", "d")]
    [InlineData("a", "b", "C", "a", "b", "c")]
    [InlineData("a", "b", "c d", "a", "b", "c_d")]
    public void Of_NamesThatLookAlike_AreToldApart(string pipeline, string task, string variant, string pipeline2, string task2, string variant2) =>
        Assert.NotEqual(
            StageQueueNames.Of(new StageKey(pipeline, task, variant)), StageQueueNames.Of(new StageKey(pipeline2, task2, variant2)), StringComparer.OrdinalIgnoreCase);

    [Theory]
    [InlineData("replies")]
    [InlineData("replies-x")]
    public void Of_PipelineNamedReplies_IsNoReplyQueue(string pipeline) =>
        Assert.False(StageQueueNames.Of(new StageKey(pipeline, "b", "c")).StartsWith(StageQueueNames.ReplyPrefix, StringComparison.Ordinal));

    [Fact]
    public void Of_AnyNames_IsWithinTheServicesLimits() =>
        Prop.ForAll<NonNull<string>, NonNull<string>, NonNull<string>>(static (pipeline, task, variant) =>
        {
            var name = StageQueueNames.Of(new StageKey(pipeline.Get, task.Get, variant.Get + new string('x', pipeline.Get.Length * 20)));
            return name.Length <= 260 && char.IsAsciiLetterOrDigit(name[^1]) && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        }).Check(Properties.Cases());
}

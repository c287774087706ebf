using Google.Protobuf;
using Grpc.Core;
using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;
using ServerlessLoki.LocalCloud.FunctionsHost.ServiceBus;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.ServiceBus;

public sealed class HeldMessagesTests
{
    [Fact]
    public async Task Settle_MessageThatNoFunctionHolds_IsRefused()
    {
        var exception = await Assert.ThrowsAsync<RpcException>(() => new HeldMessages().Complete(new CompleteRequest { Locktoken = "x" }, null!));
        Assert.Equal(StatusCode.NotFound, exception.StatusCode);
    }

    [Fact]
    public async Task Settle_WithPropertiesToChange_IsRefusedRatherThanIgnored()
    {
        var request = new AbandonRequest { Locktoken = "x", PropertiesToModify = ByteString.CopyFromUtf8("y") };
        Assert.Equal(StatusCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(() => new HeldMessages().Abandon(request, null!))).StatusCode);
    }
}

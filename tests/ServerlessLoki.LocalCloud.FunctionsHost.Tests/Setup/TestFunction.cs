using ServerlessLoki.LocalCloud.FunctionsHost.Functions;
using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;

internal static class TestFunction
{
    public static FunctionInfo Of(string name, params string[] bindings) => new(new RpcFunctionMetadata { Name = name, FunctionId = name + "-id", RawBindings = { bindings } });

    public static FunctionInfo Timer(string more = "") => Of("Tick", $$"""{"name": "timer", "type": "timerTrigger", "direction": "In"{{more}}}""");
}

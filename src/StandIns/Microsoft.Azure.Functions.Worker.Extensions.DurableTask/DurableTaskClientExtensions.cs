using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.DurableTask.Client;

namespace Microsoft.Azure.Functions.Worker;

public static class DurableTaskClientExtensions
{
    /// <remarks>The addresses are those of the real host's extension, without its key; this host answers them, too, but does not suspend.</remarks>
    public static HttpManagementPayload CreateHttpManagementPayload(this DurableTaskClient client, string instanceId, HttpRequestData? request = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        var root = request is not null ? request.Url.GetLeftPart(UriPartial.Authority)
            : client is InProcessDurableClient host ? host.BaseUrl
            : throw new InvalidOperationException("Neither the client nor a request says where the host is.");
        var instance = $"{root}/runtime/webhooks/durabletask/instances/{Uri.EscapeDataString(instanceId)}";
        return new HttpManagementPayload
        {
            Id = instanceId,
            StatusQueryGetUri = instance,
            PurgeHistoryDeleteUri = instance,
            SendEventPostUri = instance + "/raiseEvent/{eventName}",
            TerminatePostUri = instance + "/terminate?reason={text}",
        };
    }
}

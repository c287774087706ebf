using System.Text.RegularExpressions;

namespace ServerlessLoki.Azure.Fleet;

internal static partial class ContainerAppId
{
    public static bool IsValid(string? id) => id is not null && Form().IsMatch(id);

    [GeneratedRegex(
        @"^/subscriptions/[0-9A-Fa-f-]{36}/resourceGroups/[\w.()-]{1,90}/providers/Microsoft\.App/containerApps/[a-z0-9-]{2,32}\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();
}

using ServerlessLoki.Azure.Fleet;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Azure.Storage;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Azure.Tests.Setup;

public sealed class OptionBoundsTests
{
    [Fact]
    public void Faults_Defaults_None()
    {
        Assert.Empty(new ServiceBusOptions().Faults());
        Assert.Empty(new StorageOptions().Faults());
        Assert.Empty(new FleetOptions { Apps = [] }.Faults());
    }

    [Fact]
    public void ServiceBusOptions_BeyondEitherEnd_EachIsAFault()
    {
        var options = new ServiceBusOptions
        {
            LockDuration = TimeSpan.FromSeconds(4), MaxDeliveryCount = 0, DuplicateWindow = TimeSpan.FromSeconds(19), FirstWindow = 0, ReceiveWait = TimeSpan.Zero, Pause = TimeSpan.Zero,
            DeadLetterLook = TimeSpan.Zero, ReplyLife = TimeSpan.FromMinutes(4), RetireAfter = TimeSpan.Zero,
        };
        string[] all = ["LockDuration", "MaxDeliveryCount", "DuplicateWindow", "FirstWindow", "ReceiveWait", "Pause", "DeadLetterLook", "ReplyLife", "RetireAfter"];

        Assert.Equal(all, Assert.Throws<OptionsException>(options.Checked).Faults.Select(f => f.Path));
        options = new ServiceBusOptions { LockDuration = TimeSpan.FromMinutes(6), MaxDeliveryCount = 2001, DuplicateWindow = TimeSpan.FromDays(8), FirstWindow = 4097 };
        Assert.Equal(all[..4], options.Faults().Select(f => f.Path));
    }

    [Fact]
    public void StorageOptions_BeyondEitherEnd_AreRefusedBeforeAnythingIsCalled()
    {
        var options = new StorageOptions
        {
            TablePrefix = "1-loki", PayloadContainer = "Payloads", StateContainer = "a--b", Retries = 21, RetryDelay = TimeSpan.FromTicks(-1), LongestRetryDelay = TimeSpan.FromTicks(-2),
            TableTryTimeout = TimeSpan.Zero, BlobTryTimeout = TimeSpan.Zero, TableTimeout = TimeSpan.Zero, BlobTimeout = TimeSpan.Zero,
        };

        var refused = Assert.Throws<OptionsException>(() => StorageAccount.ConnectLocally("UseDevelopmentStorage=true", options));

        Assert.Equal(
            [
                "TablePrefix", "PayloadContainer", "StateContainer", "Retries", "RetryDelay", "LongestRetryDelay", "TableTryTimeout", "BlobTryTimeout", "TableTimeout", "BlobTimeout",
            ],
            refused.Faults.Select(f => f.Path));
        Assert.Equal(["StateContainer", "Retries"], new StorageOptions { StateContainer = new string('a', 64), Retries = -1 }.Faults().Select(f => f.Path));
    }

    [Fact]
    public void FleetOptions_TimesBelowTheirBounds_EachIsAFault()
    {
        var faults = new FleetOptions
        {
            Apps = [], RaiseEvery = TimeSpan.FromTicks(-1), LowerAfter = TimeSpan.FromTicks(-1), ReadEvery = TimeSpan.FromTicks(-1), RetryAfter = TimeSpan.FromTicks(-1), CallTimeout = TimeSpan.Zero,
        }.Faults();

        Assert.Equal(["RaiseEvery", "LowerAfter", "ReadEvery", "RetryAfter", "CallTimeout"], faults.Select(f => f[..f.IndexOf(':', StringComparison.Ordinal)]));
    }
}

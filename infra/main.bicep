// ServerlessLoki on Azure. Everything lies in one resource group, so that deleting the group leaves nothing behind.
targetScope = 'subscription'

import { deviceKind } from 'modules/types.bicep'

@description('Name of the azd environment; names and tags are made from it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region of everything. Durable Task Scheduler and, for GPU workers, the GPU profiles must be offered there.')
@minLength(1)
@metadata({ azd: { type: 'location' } })
param location string

@description('Object id of who deploys: may upload models. Empty grants nobody.')
param principalId string = ''

@description('What kind of principal deploys.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param principalType string = 'User'

@description('Puts storage and Service Bus (then of the Premium tier) behind private endpoints, and both hosts into a virtual network.')
param privateNetwork bool = false

@description('Public IPv4 address that may still upload models into a private storage account; empty closes it to all.')
param deployerAddress string = ''

@description('Planning policy.')
param policy string = 'unified'

@description('CPU workers that always stand by. 0 scales to zero: the first query after a rest is then told to come back.')
@minValue(0)
@maxValue(1000)
param cpuMinReplicas int = 1

@description('CPU workers at most; 0 leaves them out.')
@minValue(0)
@maxValue(1000)
param cpuMaxReplicas int = 4

@description('T4 workers that always stand by.')
@minValue(0)
@maxValue(1000)
param t4MinReplicas int = 0

@description('T4 workers at most; 0 leaves them out. More needs GPU quota in the region.')
@minValue(0)
@maxValue(1000)
param t4MaxReplicas int = 0

@description('A100 workers that always stand by.')
@minValue(0)
@maxValue(1000)
param a100MinReplicas int = 0

@description('A100 workers at most; 0 leaves them out. More needs GPU quota in the region.')
@minValue(0)
@maxValue(1000)
param a100MaxReplicas int = 0

@description('Image that azd deployed last as worker-cpu; empty before the first deployment.')
param cpuImage string = ''

@description('Image that azd deployed last as worker-t4; empty before the first deployment.')
param t4Image string = ''

@description('Image that azd deployed last as worker-a100; empty before the first deployment.')
param a100Image string = ''

@description('Function app instances that always stand by for HTTP.')
@minValue(0)
@maxValue(100)
param httpAlwaysReady int = 1

@description('Function app instances that always stand by for Durable orchestrations.')
@minValue(0)
@maxValue(100)
param durableAlwaysReady int = 0

@description('Alerts at 80 % of this monthly cost and when the forecast passes it, in the currency of the subscription; 0 sets none.')
@minValue(0)
param monthlyBudget int = 400

@description('First day of the month in which the budget began. It cannot be changed later, so azd keeps it.')
param budgetStart string = ''

@description('Who is mailed besides the owners of the subscription; empty mails owners only.')
param budgetEmail string = ''

@description('This month; leave it.')
param thisMonth string = utcNow('yyyy-MM-01')

var abbreviations = loadJsonContent('abbreviations.json')
var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }

// The prices are estimates in US dollars: Container Apps' consumption meters for the CPU worker, and for the GPU workers the list
// price of the virtual machine with the same GPU. README.md has the sums.
var kinds deviceKind[] = [
  {
    name: 'cpu'
    workloadProfile: 'Consumption'
    workloadProfileType: 'Consumption'
    cpu: '2'
    memory: '4Gi'
    slots: 2
    slotShare: '1'
    minReplicas: min(cpuMinReplicas, cpuMaxReplicas)
    maxReplicas: cpuMaxReplicas
    pricePerHour: '0.216'
    image: cpuImage
  }
  {
    name: 't4'
    workloadProfile: 'gpu-t4'
    workloadProfileType: 'Consumption-GPU-NC8as-T4'
    cpu: '8'
    memory: '56Gi'
    slots: 4
    slotShare: '0.25'
    minReplicas: min(t4MinReplicas, t4MaxReplicas)
    maxReplicas: t4MaxReplicas
    pricePerHour: '0.75'
    image: t4Image
  }
  {
    name: 'a100'
    workloadProfile: 'gpu-a100'
    workloadProfileType: 'Consumption-GPU-NC24-A100'
    cpu: '24'
    memory: '220Gi'
    slots: 8
    slotShare: '0.125'
    minReplicas: min(a100MinReplicas, a100MaxReplicas)
    maxReplicas: a100MaxReplicas
    pricePerHour: '3.67'
    image: a100Image
  }
]
var fleet = filter(kinds, kind => kind.maxReplicas > 0)

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: '${abbreviations.resourcesResourceGroups}${environmentName}'
  location: location
  tags: tags
}

module identities 'modules/identities.bicep' = {
  name: 'identities'
  scope: group
  params: {
    location: location
    tags: tags
    functionsName: '${abbreviations.managedIdentityUserAssignedIdentities}functions-${token}'
    workerName: '${abbreviations.managedIdentityUserAssignedIdentities}worker-${token}'
    platformName: '${abbreviations.managedIdentityUserAssignedIdentities}platform-${token}'
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    location: location
    tags: tags
    workspaceName: '${abbreviations.operationalInsightsWorkspaces}${token}'
    componentName: '${abbreviations.insightsComponents}${token}'
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  name: 'network'
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.networkVirtualNetworks}${token}'
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.storageStorageAccounts}${token}'
    closed: privateNetwork
    allowedAddress: deployerAddress
  }
}

module serviceBus 'modules/service-bus.bicep' = {
  name: 'service-bus'
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.serviceBusNamespaces}${token}'
    devices: map(fleet, kind => kind.name)
    closed: privateNetwork
  }
}

module privateEndpoints 'modules/private-endpoints.bicep' = if (privateNetwork) {
  name: 'private-endpoints'
  scope: group
  params: {
    location: location
    tags: tags
    prefix: '${abbreviations.networkPrivateEndpoints}${token}'
    networkName: privateNetwork ? network!.outputs.name : ''
    storageName: storage.outputs.name
    serviceBusName: serviceBus.outputs.name
  }
}

module durableTask 'modules/durable-task.bicep' = {
  name: 'durable-task'
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.durableTaskSchedulers}${token}'
  }
}

module registry 'modules/registry.bicep' = {
  name: 'registry'
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.containerRegistryRegistries}${token}'
  }
}

module roles 'modules/roles.bicep' = {
  name: 'roles'
  scope: group
  params: {
    functionsPrincipalId: identities.outputs.functionsPrincipalId
    workerPrincipalId: identities.outputs.workerPrincipalId
    platformPrincipalId: identities.outputs.platformPrincipalId
    deployerPrincipalId: principalId
    deployerPrincipalType: principalType
    storageName: storage.outputs.name
    serviceBusName: serviceBus.outputs.name
    schedulerName: durableTask.outputs.name
    registryName: registry.outputs.name
    componentName: monitoring.outputs.componentName
  }
}

module workerEnvironment 'modules/worker-environment.bicep' = {
  name: 'worker-environment'
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.appManagedEnvironments}${token}'
    workspaceName: monitoring.outputs.workspaceName
    fleet: fleet
    subnetId: privateNetwork ? network!.outputs.workersSubnetId : ''
  }
}

module worker 'modules/worker.bicep' = [
  for device in fleet: {
    name: 'worker-${device.name}'
    scope: group
    params: {
      location: location
      tags: tags
      name: '${abbreviations.appContainerApps}worker-${device.name}-${token}'
      device: device
      environmentId: workerEnvironment.outputs.id
      workerIdentityName: identities.outputs.workerName
      platformIdentityName: identities.outputs.platformName
      registryName: registry.outputs.name
      storageName: storage.outputs.name
      modelsContainer: storage.outputs.modelsContainer
      payloadContainer: storage.outputs.payloadContainer
      serviceBusName: serviceBus.outputs.name
      componentName: monitoring.outputs.componentName
    }
    dependsOn: [
      roles
    ]
  }
]

module functionApp 'modules/function-app.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.webSitesFunctions}${token}'
    planName: '${abbreviations.webServerFarms}${token}'
    identityName: identities.outputs.functionsName
    storageName: storage.outputs.name
    packageContainer: storage.outputs.packageContainer
    modelsContainer: storage.outputs.modelsContainer
    payloadContainer: storage.outputs.payloadContainer
    serviceBusName: serviceBus.outputs.name
    schedulerName: durableTask.outputs.name
    componentName: monitoring.outputs.componentName
    policy: policy
    fleet: [
      for (device, i) in fleet: {
        device: device.name
        appId: worker[i].outputs.id
        minReplicas: device.minReplicas
        maxReplicas: device.maxReplicas
        slotsPerReplica: device.slots
        slotShare: device.slotShare
        pricePerHour: device.pricePerHour
      }
    ]
    httpAlwaysReady: httpAlwaysReady
    durableAlwaysReady: durableAlwaysReady
    subnetId: privateNetwork ? network!.outputs.functionsSubnetId : ''
  }
  dependsOn: [
    roles
  ]
}

module budget 'modules/budget.bicep' = if (monthlyBudget > 0) {
  name: 'budget'
  scope: group
  params: {
    name: '${abbreviations.consumptionBudgets}${token}'
    amount: monthlyBudget
    startDate: empty(budgetStart) ? thisMonth : budgetStart
    email: budgetEmail
  }
}

@description('Region of everything.')
output AZURE_LOCATION string = location

@description('Tenant of the subscription.')
output AZURE_TENANT_ID string = tenant().tenantId

@description('Resource group of everything.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Where azd pushes the worker images.')
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = registry.outputs.loginServer

@description('Name of the container apps environment, for azd.')
output AZURE_CONTAINER_ENVIRONMENT_NAME string = workerEnvironment.outputs.name

@description('Name of the Function app.')
output LOKI_FUNCTION_APP_NAME string = functionApp.outputs.name

@description('Address of the Function app.')
output LOKI_URL string = functionApp.outputs.url

@description('Storage account that the hooks upload models into.')
output LOKI_STORAGE_ACCOUNT string = storage.outputs.name

@description('Container that the hooks upload models into.')
output LOKI_MODELS_CONTAINER string = storage.outputs.modelsContainer

@description('Whether there are CPU workers; azure.yaml deploys the service accordingly.')
output LOKI_CPU_ENABLED bool = cpuMaxReplicas > 0

@description('Whether there are T4 workers; azure.yaml deploys the service accordingly.')
output LOKI_T4_ENABLED bool = t4MaxReplicas > 0

@description('Whether there are A100 workers; azure.yaml deploys the service accordingly.')
output LOKI_A100_ENABLED bool = a100MaxReplicas > 0
